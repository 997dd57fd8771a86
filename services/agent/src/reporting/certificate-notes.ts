import type { FleetEvent } from '@meridian/fleet';
import { chooseCredentials, lifeOf, lifeProblem, stateOf } from '@meridian/link';
import type { AgentFiles, CertificateLife, CertificateState } from '@meridian/link';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { Gauge } from '@meridian/telemetry';
import type { Registry } from '@meridian/telemetry';
import type { Log } from '../ports.ts';

/** Where what is known of the certificate is told. */
export interface CertificateNotesConfig {
  /** Where the certificates are by which the hub may know this agent; told of is the one that the link would use. */
  readonly files: AgentFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly tell: (event: Omit<FleetEvent, 'atMs' | 'cluster'>) => void;
}

/** Tells before and after the agent's certificate ends; nothing else depends on that, the agent goes on without a hub. */
export interface CertificateNotes {
  /** Looks at the file now. */
  look(): void;
  /** Looks every minute until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const lookMs = 60_000;

type Seen = CertificateState | 'unreadable';

/** Makes them, with the gauge of the seconds that the certificate is valid for. */
export function createCertificateNotes(config: CertificateNotesConfig): CertificateNotes {
  const { files, clock, log } = config;
  let file = files.certFile;
  let life: CertificateLife | undefined;
  let said: Seen = 'good';
  new Gauge({
    name: 'meridian_agent_link_certificate_remaining_seconds',
    help: "Time until the certificate that the hub knows the agent by ends, by the agent's clock",
    registers: [config.registry],
    collect() {
      if (life) this.set((life.endsAtMs - clock.nowMs()) / 1_000);
    },
  });
  const note = (seen: Seen, message: string) => {
    if (seen === said) return;
    const level = seen === 'good' ? 'info' : seen === 'ending' ? 'warning' : 'error';
    if (level === 'info') log.info({ file, reason: message }, 'certificate of the link');
    else log.warn({ file, reason: message }, 'certificate of the link');
    config.tell({ level, type: `certificate.${seen === 'good' ? 'renewed' : seen}`, message });
    said = seen;
  };
  const look = () => {
    try {
      const nowMs = clock.nowMs();
      const chosen = chooseCredentials(files, nowMs);
      ({ file } = chosen);
      life = lifeOf(chosen.cert);
      const seen = stateOf(life, nowMs);
      note(seen, textOf(life, { seen, nowMs }));
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      note('unreadable', `${errorText(error)}; the agent attaches to no hub until it can be`);
    }
  };
  return {
    look,
    async run(signal) {
      while (!signal.aborted) {
        look();
        await clock.wait(lookMs, signal);
      }
    },
  };
}

function textOf(life: CertificateLife, { seen, nowMs }: { seen: CertificateState; nowMs: number }): string {
  const what = 'the certificate of this agent for the link';
  const end = new Date(life.endsAtMs).toISOString();
  if (seen === 'good') return `${what} is valid until ${end}`;
  if (seen === 'ending') return `${what} ends at ${end} and was not renewed yet`;
  return `${what} is not valid, and nothing is reported until it is: ${lifeProblem(life, nowMs) ?? ''}`;
}
