import type { FleetEvent } from '@meridian/fleet';
import type { IssuedCertificate } from '@meridian/link';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { Counter, fieldNames } from '@meridian/telemetry';
import type { Logger, Registry } from '@meridian/telemetry';

/** Where issued certificates are told. */
export interface IssuedPorts {
  readonly events: { publish(event: FleetEvent): Promise<void> };
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
}

const proofs: Readonly<Record<IssuedCertificate['proof'], string>> = {
  certificate: 'by the one that was valid',
  ended: 'by one that had ended',
  token: 'by a token',
};

/** Tells of each certificate that this hub issues: in the log, in the events and in a counter. */
export function issuedCertificates({ events, clock, log, registry }: IssuedPorts) {
  const counter = new Counter({
    name: 'meridian_hub_certificates_issued_total',
    help: 'Certificates of agents that this hub issued, by what the agent proved itself with',
    labelNames: ['proof'],
    registers: [registry],
  });
  return ({ cluster, serialNumber, endsAtMs, proof }: IssuedCertificate): void => {
    counter.inc({ proof });
    const end = new Date(endsAtMs).toISOString();
    const message = `a certificate was issued to the agent of ${cluster}, ${proofs[proof]}: serial ${serialNumber}, valid until ${end}`;
    log.info({ [fieldNames.cluster]: cluster, reason: message }, 'certificate issued');
    events
      .publish({ atMs: clock.nowMs(), level: 'info', type: 'certificate.issued', cluster, message })
      .catch((error: unknown) => log.warn({ error: errorText(error) }, 'an event could not be stored'));
  };
}
