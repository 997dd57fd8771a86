import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority } from '@meridian/testkit';
import type { Snapshot } from '@meridian/wire';
import { attachLink } from '../attach-link.ts';
import type { AttachLinkConfig, Link } from '../attach-link.ts';
import { createOutbox } from '../outbox.ts';
import type { OpenOutbox } from '../outbox.ts';
import { serveLink } from '../serve-link.ts';
import type { LinkServer, ServeLinkConfig } from '../serve-link.ts';

/** What a receiver was told, in order. */
export interface Told {
  readonly kind: string;
  readonly cluster: string;
  readonly session: string;
  readonly value?: unknown;
  readonly traceparent?: string;
}

/** Real servers and agents over mTLS on this machine; everything is closed with `close`. */
export function linkRig() {
  const dir = mkdtempSync(join(tmpdir(), 'meridian-link-'));
  const authority = certificateAuthority('test');
  const caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, authority.certificatePem);
  const told: Told[] = [];
  const logged: { level: string; fields: object; message: string }[] = [];
  const closing: (() => Promise<void>)[] = [];
  const log = {
    info: (fields: object, message: string) => void logged.push({ level: 'info', fields, message }),
    warn: (fields: object, message: string) => void logged.push({ level: 'warn', fields, message }),
    error: (fields: object, message: string) => void logged.push({ level: 'error', fields, message }),
  };

  /** Writes a certificate with these URIs, and gives its files. */
  function issue(name: string, uris: readonly string[], from = authority, validMs?: number) {
    const pair = from.issue({
      commonName: name,
      uris,
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      usages: ['server', 'client'],
      ...(validMs === undefined ? {} : { validMs }),
    });
    const files = { caFile, certFile: join(dir, `${name}.pem`), keyFile: join(dir, `${name}.key`) };
    writeFileSync(files.certFile, pair.certificatePem);
    writeFileSync(files.keyFile, pair.keyPem);
    return files;
  }

  const agentFiles = (cluster: string) => issue(cluster, [`spiffe://meridian/cluster/${cluster}`]);

  async function serve(more: Partial<ServeLinkConfig> = {}): Promise<LinkServer> {
    const tell =
      (kind: string) =>
      async (
        session: { cluster: string; session: string },
        value?: unknown,
        origin?: { traceparent: string },
      ) => {
        told.push({
          kind,
          cluster: session.cluster,
          session: session.session,
          value,
          traceparent: origin?.traceparent ?? '',
        });
      };
    const server = await serveLink({
      address: '127.0.0.1:0',
      ...issue('hub', ['spiffe://meridian/hub/hub-1']),
      hub: 'hub-1',
      heartbeatMs: 100,
      onHello: tell('hello'),
      onSnapshot: tell('snapshot'),
      onApplication: tell('application'),
      onEvent: tell('event'),
      onHeartbeat: tell('heartbeat'),
      onGone: (session, end) =>
        void told.push({ kind: 'gone', cluster: session.cluster, session: session.session, value: end }),
      clock: systemClock,
      random: () => 0.5,
      log,
      ...more,
    });
    closing.push(() => server.stop());
    return server;
  }

  function attachConfig(urls: readonly string[], cluster: string): AttachLinkConfig {
    return {
      urls,
      ...agentFiles(cluster),
      cluster,
      hello: () => ({ version: '1', startedAtMs: 1, clusterUid: 'uid', kubernetesVersion: 'v1.36.0' }),
      snapshot: () => snapshotOf([]),
      heartbeat: () => ({ observedAtMs: Date.now(), sourceConnected: true, sourceReadAtMs: 1 }),
      outbox: createOutbox(),
      clock: systemClock,
      random: () => 0.1,
      log,
      signal: new AbortController().signal,
    };
  }

  function attach(
    urls: readonly string[],
    cluster: string,
    more: Partial<AttachLinkConfig> = {},
  ): { link: Link; outbox: OpenOutbox } {
    const outbox = more.outbox ?? createOutbox();
    const link = attachLink({ ...attachConfig(urls, cluster), outbox, ...more });
    closing.push(() => link.stop());
    return { link, outbox };
  }

  return {
    dir,
    authority,
    told,
    logged,
    issue,
    agentFiles,
    serve,
    attach,
    attachConfig,
    of: (kind: string) => told.filter((one) => one.kind === kind),
    async close() {
      await Promise.all(closing.map((close) => close()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A snapshot with these applications. */
export function snapshotOf(applications: readonly ApplicationStatus[]): Snapshot {
  return { applications, heartbeat: { observedAtMs: Date.now(), sourceConnected: true, sourceReadAtMs: 1 } };
}

/** An event of nobody in particular. */
export function eventOf(message: string): FleetEvent {
  return { atMs: 1, level: 'info', type: 'drift.healed', message };
}
