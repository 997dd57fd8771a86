import type { FleetEvent } from '@meridian/fleet';
import { chooseCredentials, lifeOf, planRenewal, renewalBackoff } from '@meridian/link';
import type { AgentFiles, ChosenCredentials, KeptPair } from '@meridian/link';
import { backoffMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { Counter } from '@meridian/telemetry';
import type { Registry } from '@meridian/telemetry';
import type { Log } from '../ports.ts';
import type { CertificateStore } from './certificate-store.ts';
import { createCertificateSource } from './get-certificate.ts';
import type { CertificateSources } from './get-certificate.ts';

/** What keeps the certificate of the link fresh. */
export interface CertificateKeeperConfig extends Omit<CertificateSources, 'caFile'> {
  readonly files: AgentFiles;
  readonly store: CertificateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly registry: Registry;
  readonly tell: (event: Omit<FleetEvent, 'atMs' | 'cluster'>) => void;
}

/** Gets another certificate from a hub before the present one ends. Nothing waits for it: the agent heals without a hub. */
export interface CertificateKeeper {
  /** Looks, asks and keeps until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often files are looked at that somebody else may have replaced. */
const lookMs = 10_000;
/** And after a new pair was kept, which has to get to its Secret. */
const soonMs = 200;

/** Makes it. What the link uses is chosen at each attach, so that a new pair counts as soon as it is kept. */
export function createCertificateKeeper(config: CertificateKeeperConfig): CertificateKeeper {
  const { store, clock, random, log, tell, enrolment } = config;
  const source = createCertificateSource({ ...config, caFile: config.files.caFile });
  const renewals = new Counter({
    name: 'meridian_agent_certificate_renewals_total',
    help: 'Tries to get a certificate from a hub, by how they ended',
    labelNames: ['result'],
    registers: [config.registry],
  });
  // One number for each certificate, so that looking again does not move the time of its renewal.
  let spread = { cert: '', share: 0 };
  let attempt = 0;
  let said = '';

  const shareOf = (credentials: ChosenCredentials | undefined): number => {
    const text = String(credentials?.cert ?? '');
    if (text !== spread.cert) {
      spread = { cert: text, share: random() };
      attempt = 0;
    }
    return spread.share;
  };

  const keep = async (pair: KeptPair) => {
    // A spent token stays known, so that it is not shown again after a restart.
    const spent = pair.token ?? store.read()?.token;
    await store.save({ ...pair, ...(spent === undefined ? {} : { token: spent }) });
    renewals.inc({ result: 'renewed' });
    said = '';
    const end = new Date(lifeOf(Buffer.from(pair.certificate)).endsAtMs).toISOString();
    const message = `a hub gave this agent another certificate for the link; it is valid until ${end}`;
    log.info({ reason: message }, 'certificate of the link');
    tell({ level: 'info', type: 'certificate.issued', message });
  };

  const failed = (error: unknown) => {
    // The disk may refuse as well as the hub; neither ends the agent.
    renewals.inc({ result: error instanceof FaultError ? error.code : 'failed' });
    note(error);
  };

  // The same trouble is said once, not with every try; that others renew is no trouble.
  const note = (error: unknown) => {
    const reason = errorText(error);
    if (reason === said) return;
    said = reason;
    if (error instanceof FaultError && error.code === 'unsupported')
      return log.info({ reason }, 'hubs do not renew certificates here; somebody else has to');
    log.warn({ error: reason }, 'no hub renewed the certificate of the link yet');
    const isRefusal = error instanceof FaultError && (error.code === 'denied' || error.code === 'invalid');
    if (isRefusal)
      tell({
        level: 'error',
        type: 'certificate.refused',
        message: `the certificate of this agent for the link was not renewed: ${reason}`,
      });
  };

  /** One look; gives how long to wait until the next. */
  const look = async (signal: AbortSignal): Promise<number> => {
    await store.settle(signal);
    const credentials = usable(config.files, clock.nowMs());
    const life = credentials && lifeOf(credentials.cert);
    const hasToken = source.hasToken(store.read()?.token);
    const state = { life, share: shareOf(credentials), hasToken, canEnrol: enrolment !== undefined };
    const step = planRenewal(state, clock.nowMs());
    if (step.kind === 'wait') return Math.max(0, Math.min(lookMs, step.untilMs - clock.nowMs()));
    try {
      await keep(await source.get(step, credentials, signal));
      const next = usable(config.files, clock.nowMs());
      if (next !== undefined && credentials?.cert.equals(next.cert) !== true) return soonMs;
    } catch (error) {
      if (signal.aborted) return 0;
      failed(error);
    }
    // Also when what was issued is not chosen: hubs are not asked again and again.
    return backoffMs(renewalBackoff(life), attempt++, random());
  };
  return {
    async run(signal) {
      while (!signal.aborted) await clock.wait(await look(signal), signal);
    },
  };
}

/** The pair in use; undefined while there is none, which others tell. */
function usable(files: AgentFiles, nowMs: number): ChosenCredentials | undefined {
  try {
    return chooseCredentials(files, nowMs);
  } catch (error) {
    if (error instanceof FaultError) return undefined;
    throw error;
  }
}
