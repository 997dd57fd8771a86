import type { FleetEvent } from '@meridian/fleet';
import { FieldChecks, wireNumber } from './field-checks.ts';
import type { Parsed } from './field-checks.ts';
import type * as wire from './gen/meridian/v1/link.ts';
import { wireLimits } from './limits.ts';
import { plainText } from './plain-text.ts';
import { levelNames, wireLevel } from './status-names.ts';

const typePattern = /^[a-z]+(\.[a-z]+){0,4}$/;

/** An event for the wire. */
export function fleetEventToWire(event: FleetEvent): wire.FleetEvent {
  return {
    atMs: wireNumber(event.atMs),
    level: wireLevel[event.level],
    type: event.type,
    application: event.application ?? '',
    cluster: event.cluster ?? '',
    revision: event.revision ?? '',
    message: plainText(event.message, wireLimits.messageChars),
  };
}

/** An event from a peer, checked. */
export function fleetEventFromWire(message: wire.FleetEvent): Parsed<FleetEvent> {
  const checks = new FieldChecks();
  if (message.type.length > 64 || !typePattern.test(message.type)) {
    checks.refuse('bad_name', 'type', 'must be lower-case words joined by dots');
  }
  return checks.result({
    atMs: checks.number('atMs', message.atMs),
    level: checks.choice('level', message.level, levelNames, 'info'),
    type: message.type,
    ...(message.application ? { application: checks.label('application', message.application) } : {}),
    ...(message.cluster ? { cluster: checks.label('cluster', message.cluster) } : {}),
    ...(message.revision ? { revision: checks.exact('revision', message.revision, wireLimits.idChars) } : {}),
    message: checks.text(message.message, wireLimits.messageChars),
  });
}
