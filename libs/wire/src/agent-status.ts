import type { AgentStatus } from '@meridian/fleet';
import { FieldChecks, wireNumber } from './field-checks.ts';
import type { Parsed } from './field-checks.ts';
import type * as wire from './gen/meridian/v1/link.ts';
import { limitsToWire, readLimits } from './limits-report.ts';
import { wireLimits } from './limits.ts';
import { plainText } from './plain-text.ts';

/** What an agent says of itself once per stream. */
export type Hello = Pick<
  AgentStatus,
  'cluster' | 'session' | 'version' | 'startedAtMs' | 'clusterUid' | 'kubernetesVersion'
>;

/** What an agent says of itself every few seconds. */
export type Heartbeat = Pick<AgentStatus, 'observedAtMs' | 'sourceConnected' | 'sourceReadAtMs' | 'limits'>;

/** Hello and the newest heartbeat as one status. */
export function agentStatusOf(hello: Hello, heartbeat: Heartbeat): AgentStatus {
  return { ...hello, ...heartbeat };
}

/** A hello for the wire. */
export function helloToWire(hello: Hello): wire.Hello {
  return {
    cluster: hello.cluster,
    session: hello.session,
    version: plainText(hello.version, wireLimits.idChars),
    startedAtMs: wireNumber(hello.startedAtMs),
    clusterUid: plainText(hello.clusterUid, wireLimits.idChars),
    kubernetesVersion: plainText(hello.kubernetesVersion, wireLimits.idChars),
  };
}

/** A hello from a peer, checked. */
export function helloFromWire(message: wire.Hello): Parsed<Hello> {
  const checks = new FieldChecks();
  if (message.session === '') checks.refuse('missing', 'session', 'is missing');
  return checks.result({
    cluster: checks.label('cluster', message.cluster),
    session: checks.exact('session', message.session, wireLimits.idChars),
    version: checks.text(message.version, wireLimits.idChars),
    startedAtMs: checks.number('startedAtMs', message.startedAtMs),
    clusterUid: checks.text(message.clusterUid, wireLimits.idChars),
    kubernetesVersion: checks.text(message.kubernetesVersion, wireLimits.idChars),
  });
}

/** A heartbeat for the wire. */
export function heartbeatToWire(heartbeat: Heartbeat): wire.Heartbeat {
  return {
    observedAtMs: wireNumber(heartbeat.observedAtMs),
    sourceConnected: heartbeat.sourceConnected,
    sourceReadAtMs: wireNumber(heartbeat.sourceReadAtMs),
    limits: heartbeat.limits && limitsToWire(heartbeat.limits),
  };
}

/** A heartbeat from a peer, checked. */
export function heartbeatFromWire(message: wire.Heartbeat): Parsed<Heartbeat> {
  const checks = new FieldChecks();
  return checks.result(readHeartbeat(checks, '', message));
}

/** Reads a heartbeat within a larger message. */
export function readHeartbeat(checks: FieldChecks, at: string, message: wire.Heartbeat): Heartbeat {
  return {
    observedAtMs: checks.number(`${at}observedAtMs`, message.observedAtMs),
    sourceConnected: message.sourceConnected,
    sourceReadAtMs: checks.number(`${at}sourceReadAtMs`, message.sourceReadAtMs),
    ...(message.limits ? { limits: readLimits(checks, `${at}limits.`, message.limits) } : {}),
  };
}
