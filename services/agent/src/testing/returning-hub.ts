import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import { attachLink, serveLink } from '@meridian/link';
import type { Link, LinkServer } from '@meridian/link';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority } from '@meridian/testkit';
import type { createOutbox } from '@meridian/link';
import { silent } from './rig.ts';

/** A hub that comes back: what it was told, and the way of one agent to it. */
export interface ReturningHub extends AsyncDisposable {
  readonly snapshots: readonly (readonly ApplicationStatus[])[];
  readonly statuses: readonly ApplicationStatus[];
  readonly events: readonly FleetEvent[];
  /** Why the agent is not attached, as its log has it. */
  readonly refusals: readonly string[];
  /** Puts a certificate of the agent in place that is valid for so long from now, or has ended so long ago. */
  putCertificate(validMs: number): void;
  attach(agent: {
    readonly outbox: ReturnType<typeof createOutbox>;
    readonly snapshot: () => readonly ApplicationStatus[];
  }): void;
}

/** Starts a hub's side of the link in a folder for its files. */
export async function startReturningHub(dir: string): Promise<ReturningHub> {
  const authority = certificateAuthority('test');
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const caFile = file('ca.pem', authority.certificatePem);
  const own = authority.issue({
    commonName: 'hub',
    ipAddresses: ['127.0.0.1'],
    uris: ['spiffe://meridian/hub/hub-1'],
    usages: ['server'],
  });
  const snapshots: (readonly ApplicationStatus[])[] = [];
  const statuses: ApplicationStatus[] = [];
  const events: FleetEvent[] = [];
  const refusals: string[] = [];
  const server: LinkServer = await serveLink({
    address: '127.0.0.1:0',
    hub: 'hub-1',
    heartbeatMs: 200,
    clock: systemClock,
    random: Math.random,
    log: silent,
    caFile,
    certFile: file('hub.pem', own.certificatePem),
    keyFile: file('hub.key', own.keyPem),
    onHello: () => Promise.resolve(),
    onSnapshot: async (_session, { applications }) => void snapshots.push(applications),
    onApplication: async (_session, status) => void statuses.push(status),
    onEvent: async (_session, event) => void events.push(event),
    onHeartbeat: () => Promise.resolve(),
    onGone: () => undefined,
  });
  let link: Link | undefined;
  return {
    snapshots,
    statuses,
    events,
    refusals,
    putCertificate(validMs) {
      const uris = ['spiffe://meridian/cluster/one'];
      const pair = authority.issue({ commonName: 'one', uris, usages: ['client'], validMs });
      file('one.pem', pair.certificatePem);
      file('one.key', pair.keyPem);
    },
    attach({ outbox, snapshot }) {
      const heartbeat = () => ({ observedAtMs: Date.now(), sourceConnected: false, sourceReadAtMs: 0 });
      link = attachLink({
        urls: [`127.0.0.1:${server.port}`],
        caFile,
        certFile: join(dir, 'one.pem'),
        keyFile: join(dir, 'one.key'),
        cluster: 'one',
        hello: () => ({ version: '1', startedAtMs: 1, clusterUid: 'u', kubernetesVersion: 'v1' }),
        snapshot: () => ({ applications: snapshot(), heartbeat: heartbeat() }),
        heartbeat,
        outbox,
        clock: systemClock,
        random: () => 0.01,
        log: { ...silent, warn: (fields) => void refusals.push(JSON.stringify(fields)) },
        signal: new AbortController().signal,
      });
    },
    async [Symbol.asyncDispose]() {
      await link?.stop();
      await server.stop();
    },
  };
}
