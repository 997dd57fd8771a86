import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import type { Kube } from '@meridian/kube';
import { connectNats, createNkey, natsServerConfig, openLedger } from '@meridian/ledger';
import type { Ledger, LedgerConnection, Leadership } from '@meridian/ledger';
import { serveLink } from '@meridian/link';
import type { LinkServer } from '@meridian/link';
import { sha256Digest } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import {
  certificateAuthority,
  ensureParts,
  freePort,
  startControlPlane,
  startNats,
  startProcess,
  tempDir,
} from '@meridian/testkit';
import type { ControlPlane, NatsServer, RunningProcess, TempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, connectTestKube, createHandHub, silent, until } from './testing/rig.ts';
import type { HandHub } from './testing/rig.ts';

const cluster = 'us-east-1';
const signal = new AbortController().signal;

let dir: TempDir;
let plane: ControlPlane;
let kube: Kube;
let nats: NatsServer;
let connection: LedgerConnection;
let ledger: Ledger;
let leadership: Leadership;
let link: LinkServer;
let hub: HandHub;
let agent: RunningProcess | undefined;
let environment: { readonly [name: string]: string };

const latest = new Map<string, ApplicationStatus>();
const events: FleetEvent[] = [];

beforeAll(async () => {
  await ensureParts(['etcd', 'kube-apiserver', 'nats-server']);
  dir = await tempDir('agent-main');
  plane = await startControlPlane({
    name: cluster,
    dir: join(dir.path, 'plane'),
    minimal: true,
    durable: false,
  });
  kube = await connectTestKube(plane.kubeconfig);
  hub = createHandHub(cluster, 'ml');
  const seed = await startLedger();
  environment = { ...(await startHubLink()), ...environmentFor(seed, await freePort()) };
});

afterAll(async () => {
  await agent?.kill();
  await link?.stop();
  await Promise.race([connection?.close(), systemClock.wait(1_000, signal)]);
  await nats?.stop();
  kube?.close();
  await plane?.stop();
  await dir?.[Symbol.asyncDispose]();
});

async function startLedger(): Promise<string> {
  const hubKey = createNkey();
  const agentKey = createNkey();
  const port = await freePort();
  const storeDir = join(dir.path, 'nats');
  mkdirSync(storeDir);
  const clusters = [{ name: cluster, publicKey: agentKey.publicKey }];
  nats = await startNats({
    dir: dir.path,
    port,
    config: natsServerConfig({ hubPublicKey: hubKey.publicKey, clusters, port, storeDir }),
  });
  connection = await connectNats({
    url: nats.url,
    seed: hubKey.seed,
    name: 'hub',
    signal: AbortSignal.timeout(10_000),
  });
  ledger = await openLedger({ connection, shard: 'main', holder: 'hub-1', clock: systemClock });
  const claim = await ledger.claim({ atLeastTerm: 1, signal: AbortSignal.timeout(10_000) });
  if (!claim.ok) throw new Error(claim.reason);
  leadership = claim.leadership;
  return agentKey.seed;
}

const authority = certificateAuthority('test');

/** Puts a certificate of the agent in place that is valid for so long from now; one below 0 has ended. */
function putCertificate(validMs: number): { readonly certFile: string; readonly keyFile: string } {
  const uris = [`spiffe://meridian/cluster/${cluster}`];
  const pair = authority.issue({ commonName: cluster, uris, usages: ['client'], validMs });
  const files = { certFile: join(dir.path, 'agent.pem'), keyFile: join(dir.path, 'agent.key') };
  writeFileSync(files.certFile, pair.certificatePem, { mode: 0o600 });
  writeFileSync(files.keyFile, pair.keyPem, { mode: 0o600 });
  return files;
}

async function startHubLink(): Promise<{ readonly [name: string]: string }> {
  const server = authority.issue({
    commonName: 'hub',
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    uris: ['spiffe://meridian/hub/hub-1'],
    usages: ['server'],
  });
  const { certFile, keyFile } = putCertificate(3_600_000);
  const write = (name: string, text: string) => {
    writeFileSync(join(dir.path, name), text, { mode: 0o600 });
    return join(dir.path, name);
  };
  const caFile = write('ca.pem', authority.certificatePem);
  link = await serveLink({
    address: '127.0.0.1:0',
    hub: 'hub-1',
    heartbeatMs: 1_000,
    clock: systemClock,
    random: Math.random,
    log: silent,
    caFile,
    certFile: write('hub.pem', server.certificatePem),
    keyFile: write('hub.key', server.keyPem),
    onHello: () => Promise.resolve(),
    onSnapshot: async (_session, { applications }) => {
      for (const status of applications) latest.set(status.application, status);
    },
    onApplication: async (_session, status) => void latest.set(status.application, status),
    onEvent: async (_session, event) => void events.push(event),
    onHeartbeat: () => Promise.resolve(),
    onGone: () => undefined,
  });
  return {
    MERIDIAN_LINK_URLS: `localhost:${link.port}`,
    MERIDIAN_LINK_CA_FILE: caFile,
    MERIDIAN_LINK_CERT_FILE: certFile,
    MERIDIAN_LINK_KEY_FILE: keyFile,
  };
}

function environmentFor(seed: string, metricsPort: number): { readonly [name: string]: string } {
  const write = (name: string, text: string) => {
    writeFileSync(join(dir.path, name), text, { mode: 0o600 });
    return join(dir.path, name);
  };
  return {
    MERIDIAN_CLUSTER: cluster,
    MERIDIAN_NATS_URL: nats.url,
    MERIDIAN_NATS_SEED_FILE: write('agent.seed', seed),
    MERIDIAN_TRUSTED_KEYS_FILE: write('trusted.pem', hub.publicKey),
    MERIDIAN_KUBECONFIG: plane.kubeconfig,
    MERIDIAN_DATA_DIR: join(dir.path, 'data'),
    MERIDIAN_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
    MERIDIAN_LOG_LEVEL: 'debug',
  };
}

async function startAgent(): Promise<void> {
  agent = await startProcess({
    command: process.execPath,
    args: [new URL('main.ts', import.meta.url).pathname],
    env: environment,
    logFile: join(dir.path, 'agent.log'),
    ready: async () =>
      (await fetch(`http://${environment['MERIDIAN_METRICS_ADDRESS']}/readyz`).catch(() => undefined))?.ok ??
      false,
  });
}

async function publish(
  application: string,
  objects: readonly KubeObject[],
  headers: { readonly [name: string]: string } = {},
): Promise<number> {
  const { envelope, bundle } = hub.sign(application, objects, {
    term: leadership.term,
    incarnation: leadership.incarnation,
    allowedDeletions: 9,
  });
  await ledger.bundles.put(cluster, sha256Digest(bundle), bundle);
  const appended = await leadership.append(
    [
      { subject: `ledger.main.index.${cluster}`, body: JSON.stringify({ applications: [application] }) },
      { subject: `ledger.main.assign.${cluster}.${application}`, body: JSON.stringify(envelope), headers },
    ],
    AbortSignal.timeout(10_000),
  );
  if (!appended.ok) throw new Error('fenced');
  const payload = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as { generation: number };
  return payload.generation;
}

const reports = (application: string, generation: number) =>
  until(
    () => `generation ${generation} is reported; last ${JSON.stringify(latest.get(application))}`,
    () => {
      const status = latest.get(application);
      return status?.generation === generation && status.sync === 'Synced' && status.health === 'Healthy'
        ? status
        : undefined;
    },
  );

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ml', name });

describe('the agent process', () => {
  it('takes assignments from the ledger and reports to the hub', async () => {
    await startAgent();
    const generation = await publish('web', [configMap('settings', { version: '1' })]);
    const status = await reports('web', generation);
    expect(status.cluster).toBe(cluster);
    expect((await kube.get(ref('settings'), signal))?.['data']).toEqual({ version: '1' });
    await reports('web', await publish('web', [configMap('settings', { version: '2' })]));
    expect((await kube.get(ref('settings'), signal))?.['data']).toEqual({ version: '2' });
  });

  it('measures its work', async () => {
    const text = await (await fetch(`http://${environment['MERIDIAN_METRICS_ADDRESS']}/metrics`)).text();
    expect(text).toContain('meridian_agent_out_of_sync{application="web"} 0');
    expect(text).toMatch(/meridian_agent_reconcile_seconds_count\{application="web"\} [1-9]/);
    expect(text).toMatch(/meridian_agent_source_age_seconds \d/);
    expect(text).toMatch(/meridian_agent_report_age_seconds \d/);
  });

  it('goes on where it was after SIGKILL', async () => {
    await agent?.kill();
    await kube.remove(ref('settings'), { signal });
    const generation = await publish('web', [configMap('settings', { version: '3' }), configMap('more')]);
    await startAgent();
    await reports('web', generation);
    expect(await kube.get(ref('settings'), signal)).toBeDefined();
    expect(await kube.get(ref('more'), signal)).toBeDefined();
  });

  it('heals drift after its own restart while hub and NATS are away, and catches up when NATS is back', async () => {
    await agent?.kill();
    await nats.kill();
    await kube.patch(
      ref('settings'),
      { type: 'merge', patch: { data: { version: 'edited' } } },
      { fieldManager: 'kubectl-edit', signal },
    );
    await startAgent();
    await until('the edit is undone', async () => {
      const live = await kube.get(ref('settings'), signal);
      return (live?.['data'] as { version: string }).version === '3';
    });
    await nats.start();
    await until('the hub can write again', () => connection.connected());
    await reports('web', await publish('web', [configMap('settings', { version: '4' })]));
    expect(await kube.get(ref('more'), signal)).toBeUndefined();
  });

  it('goes on with a certificate that has ended, and reports everything once there is a new one, without a restart', async () => {
    await agent?.kill();
    putCertificate(-3_600_000);
    latest.clear();
    await kube.remove(ref('settings'), { signal });
    await startAgent();
    await until('what was deleted is made again', () => kube.get(ref('settings'), signal));
    const generation = await publish('web', [configMap('settings', { version: '5' })]);
    await until('a newer assignment is applied', async () => {
      const live = await kube.get(ref('settings'), signal);
      return (live?.['data'] as { version: string }).version === '5';
    });
    await until('the log names the end', () =>
      readFileSync(join(dir.path, 'agent.log'), 'utf8').includes('agent.pem: it ended at'),
    );
    expect(latest.size).toBe(0);
    putCertificate(3_600_000);
    await reports('web', generation);
    await until('the hub is told that it had ended', () =>
      events.some(({ type, level }) => type === 'certificate.ended' && level === 'error'),
    );
  });

  it('stops cleanly on SIGTERM and logs no secret', async () => {
    await agent?.stop();
    expect(await agent?.ended).toMatch(/code 0|exit.*0/);
    const log = readFileSync(join(dir.path, 'agent.log'), 'utf8');
    expect(log).not.toContain('PRIVATE KEY');
    expect(log).not.toMatch(/\bSU[A-Z2-7]{56}\b/);
    expect(log).not.toContain(plane.token);
  });
});
