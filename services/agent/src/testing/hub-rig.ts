import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import { connectNats, createNkey, natsServerConfig, openLedger } from '@meridian/ledger';
import type { Ledger, LedgerConnection, Leadership } from '@meridian/ledger';
import { serveLink } from '@meridian/link';
import type { LinkServer } from '@meridian/link';
import { sha256Digest } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority, freePort, startNats } from '@meridian/testkit';
import type { NatsServer } from '@meridian/testkit';
import { createHandHub, silent } from './rig.ts';
import type { HandHub } from './rig.ts';

/** What one application is to have; no objects withdraw it. */
export interface Published {
  readonly application: string;
  readonly objects: readonly KubeObject[] | undefined;
}

/** A hub in the hands of a test for one agent process: a real nats-server, a ledger in it, and a link that takes reports. */
export interface HubRig extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly connection: LedgerConnection;
  /** What the agent has reported last of each application. */
  readonly latest: Map<string, ApplicationStatus>;
  readonly events: FleetEvent[];
  /** What an agent process is to be started with, without cluster and addresses of its own. */
  readonly environment: { readonly [name: string]: string };
  /** Puts a certificate of the agent in place that is valid for so long from now; one below 0 has ended. */
  putCertificate(validMs: number): void;
  /** Assigns bundles in one step, allowing that many deletions; gives their generations in the same order. */
  publish(published: readonly Published[], allowedDeletions: number): Promise<readonly number[]>;
}

/** Starts it for a cluster, with its files in `dir`; assignments are for `namespace`. */
export async function startHubRig(options: {
  readonly dir: string;
  readonly cluster: string;
  readonly namespace: string;
}): Promise<HubRig> {
  const { dir, cluster, namespace } = options;
  const hub = createHandHub(cluster, namespace);
  const { nats, connection, seed } = await startNatsFor(cluster, dir);
  const ledger = await openLedger({ connection, shard: 'main', holder: 'hub-1', clock: systemClock });
  const claim = await ledger.claim({ atLeastTerm: 1, signal: AbortSignal.timeout(10_000) });
  if (!claim.ok) throw new Error(claim.reason);
  const latest = new Map<string, ApplicationStatus>();
  const events: FleetEvent[] = [];
  const { link, environment, putCertificate } = await startLink(cluster, dir, { latest, events });
  return {
    nats,
    connection,
    latest,
    events,
    putCertificate,
    environment: {
      ...environment,
      MERIDIAN_CLUSTER: cluster,
      MERIDIAN_NATS_URL: nats.url,
      MERIDIAN_NATS_SEED_FILE: write(dir, 'agent.seed', seed),
      MERIDIAN_TRUSTED_KEYS_FILE: write(dir, 'trusted.pem', hub.publicKey),
    },
    publish: (published, allowedDeletions) =>
      publish({ hub, ledger, leadership: claim.leadership, cluster }, published, allowedDeletions),
    async [Symbol.asyncDispose]() {
      await link.stop();
      await Promise.race([connection.close(), systemClock.wait(1_000, AbortSignal.timeout(2_000))]);
      await nats.stop();
    },
  };
}

function write(dir: string, name: string, text: string): string {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
}

async function startNatsFor(cluster: string, dir: string) {
  const hubKey = createNkey();
  const agentKey = createNkey();
  const port = await freePort();
  const storeDir = join(dir, 'nats');
  mkdirSync(storeDir);
  const clusters = [{ name: cluster, publicKey: agentKey.publicKey }];
  const config = natsServerConfig({ hubPublicKey: hubKey.publicKey, clusters, port, storeDir });
  const nats = await startNats({ dir, port, config });
  const signal = AbortSignal.timeout(10_000);
  const connection = await connectNats({ url: nats.url, seed: hubKey.seed, name: 'hub', signal });
  return { nats, connection, seed: agentKey.seed };
}

async function startLink(
  cluster: string,
  dir: string,
  { latest, events }: Pick<HubRig, 'latest' | 'events'>,
): Promise<Pick<HubRig, 'environment' | 'putCertificate'> & { readonly link: LinkServer }> {
  const authority = certificateAuthority('test');
  const server = authority.issue({
    commonName: 'hub',
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    uris: ['spiffe://meridian/hub/hub-1'],
    usages: ['server'],
  });
  const uris = [`spiffe://meridian/cluster/${cluster}`];
  const putCertificate = (validMs: number) => {
    const pair = authority.issue({ commonName: cluster, uris, usages: ['client'], validMs });
    write(dir, 'agent.pem', pair.certificatePem);
    write(dir, 'agent.key', pair.keyPem);
  };
  putCertificate(24 * 3_600_000);
  const caFile = write(dir, 'ca.pem', authority.certificatePem);
  const link = await serveLink({
    address: '127.0.0.1:0',
    hub: 'hub-1',
    heartbeatMs: 1_000,
    clock: systemClock,
    random: Math.random,
    log: silent,
    caFile,
    certFile: write(dir, 'hub.pem', server.certificatePem),
    keyFile: write(dir, 'hub.key', server.keyPem),
    onHello: () => Promise.resolve(),
    onSnapshot: async (_session, { applications }) => {
      for (const status of applications) latest.set(status.application, status);
    },
    onApplication: async (_session, status) => void latest.set(status.application, status),
    onEvent: async (_session, event) => void events.push(event),
    onHeartbeat: () => Promise.resolve(),
    onGone: () => undefined,
  });
  const environment = {
    MERIDIAN_LINK_URLS: `localhost:${link.port}`,
    MERIDIAN_LINK_CA_FILE: caFile,
    MERIDIAN_LINK_CERT_FILE: join(dir, 'agent.pem'),
    MERIDIAN_LINK_KEY_FILE: join(dir, 'agent.key'),
  };
  return { link, environment, putCertificate };
}

interface Writing {
  readonly hub: HandHub;
  readonly ledger: Ledger;
  readonly leadership: Leadership;
  readonly cluster: string;
}

const known = new WeakMap<Leadership, Set<string>>();

async function publish(
  { hub, ledger, leadership, cluster }: Writing,
  published: readonly Published[],
  allowedDeletions: number,
): Promise<readonly number[]> {
  const { term, incarnation } = leadership;
  const signed = published.map(({ application, objects }) =>
    hub.sign(application, objects, { term, incarnation, allowedDeletions }),
  );
  for (const { bundle } of signed) await ledger.bundles.put(cluster, sha256Digest(bundle), bundle);
  const names = known.get(leadership) ?? new Set<string>();
  known.set(leadership, names);
  for (const { application } of published) names.add(application);
  const index = {
    subject: `ledger.main.index.${cluster}`,
    body: JSON.stringify({ applications: [...names] }),
  };
  const assignments = published.map(({ application }, at) => ({
    subject: `ledger.main.assign.${cluster}.${application}`,
    body: JSON.stringify(signed[at]?.envelope),
  }));
  const appended = await leadership.append([index, ...assignments], AbortSignal.timeout(30_000));
  if (!appended.ok) throw new Error('fenced');
  return signed.map(({ generation }) => generation);
}
