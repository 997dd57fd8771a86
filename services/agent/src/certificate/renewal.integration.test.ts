import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attachLink, chooseCredentials, createOutbox } from '@meridian/link';
import type { AgentFiles, Link } from '@meridian/link';
import { systemClock } from '@meridian/runtime';
import { startProcess } from '@meridian/testkit';
import { Registry } from '@meridian/telemetry';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openOwnCluster } from '../own-cluster.ts';
import type { KubePort } from '../ports.ts';
import { usePlane } from '../testing/plane.ts';
import { silent, until } from '../testing/rig.ts';
import { startSigningHub } from '../testing/signing-hub.ts';
import type { SigningHub } from '../testing/signing-hub.ts';
import { createCertificateKeeper } from './certificate-keeper.ts';
import { openCertificateStore } from './certificate-store.ts';

const plane = usePlane('certificates');
const lifeMs = 5_000;
const clock = systemClock;
const random = () => 0.1;

function folder(): string {
  const dir = mkdtempSync(join(plane.dir, 'case-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function ownNamespace(name: string): Promise<string> {
  const { kube } = plane;
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await kube.apply(object, { fieldManager: 'test', force: true, signal: AbortSignal.timeout(10_000) });
  return name;
}

/** The part of an agent that is known to hubs: its link, and the loop that keeps its certificate fresh. */
function startAgent(
  hub: SigningHub,
  { tokenFile, ...files }: AgentFiles & { keptFile: string; tokenFile?: string },
  namespace: string,
) {
  const over = new AbortController();
  const events: string[] = [];
  const logged: string[] = [];
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log = { ...silent, info: note, warn: note, error: note };
  const cluster: KubePort = openOwnCluster(plane.kube, { clock, random, log: silent });
  const registry = new Registry();
  const keeper = createCertificateKeeper({
    cluster: 'one',
    urls: [hub.url],
    enrolment: tokenFile === undefined ? undefined : { urls: [hub.enrolUrl], tokenFile },
    files,
    store: openCertificateStore({ file: files.keptFile, namespace, kube: () => cluster, log }),
    clock,
    random,
    log,
    registry,
    tell: ({ level, type }) => void events.push(`${level} ${type}`),
  });
  const running = keeper.run(over.signal);
  const heartbeat = () => ({ observedAtMs: Date.now(), sourceConnected: true, sourceReadAtMs: 1 });
  const link: Link = attachLink({
    urls: [hub.url],
    ...files,
    cluster: 'one',
    hello: () => ({ version: '1', startedAtMs: 1, clusterUid: 'u', kubernetesVersion: 'v1' }),
    snapshot: () => ({ applications: [], heartbeat: heartbeat() }),
    heartbeat,
    outbox: createOutbox(),
    clock,
    random,
    log,
    signal: over.signal,
  });
  const stop = async () => {
    over.abort();
    await Promise.all([running, link.stop()]);
  };
  onTestFinished(stop);
  return { link, events, logged, registry, stop };
}

const secretOf = (namespace: string) =>
  plane.kube.get(
    { apiVersion: 'v1', kind: 'Secret', namespace, name: 'meridian-agent-certificate' },
    AbortSignal.timeout(10_000),
  );

describe('an agent whose certificates live for five seconds', () => {
  it('goes on from one to the next, over a restart of the hub, and never says a key', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, lifeMs);
    const namespace = await ownNamespace('certificates-renewed');
    const keptFile = join(dir, 'data', 'link.json');
    const agent = startAgent(hub, { caFile: hub.caFile, ...hub.give(2_000), keptFile }, namespace);
    await until('it attached with the given one', () => hub.attached.length > 0);
    await until('it has another', () => hub.issued.length >= 1);
    await hub.stop();
    await hub.start();
    await until('it has three', () => hub.issued.length >= 3);
    const second = hub.issued[1]?.serialNumber ?? 'none';
    await until('it attached with the second', () => hub.attached.includes(second));
    const text = readFileSync(keptFile, 'utf8');
    const secret = await until('the Secret has it as well', async () => {
      const found = (await secretOf(namespace))?.['data'] as { pair?: string } | undefined;
      const pair = Buffer.from(found?.pair ?? '', 'base64').toString();
      return pair === readFileSync(keptFile, 'utf8') ? pair : undefined;
    });
    expect(secret).toContain('PRIVATE KEY');
    expect(agent.events).toContain('info certificate.issued');
    expect(await agent.registry.metrics()).toMatch(/certificate_renewals_total\{result="renewed"\} [1-9]/);
    const [, key = 'none'] = /PRIVATE KEY-----\\n([\w+/]{20})/.exec(text) ?? [];
    expect(key).not.toBe('none');
    expect(agent.logged.join()).not.toContain(key);
    expect(agent.logged.join()).not.toContain('PRIVATE KEY');
  });

  it('has its certificate back from the Secret when its disk is lost and the given one has ended', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, 60_000);
    const namespace = await ownNamespace('certificates-lost');
    const keptFile = join(dir, 'data', 'link.json');
    const files = { caFile: hub.caFile, ...hub.give(2_000), keptFile };
    const first = startAgent(hub, files, namespace);
    await until('the Secret has it', async () => (await secretOf(namespace)) !== undefined);
    await first.stop();
    rmSync(dirname(keptFile), { recursive: true });
    hub.give(-1_000);
    const before = hub.attached.length;
    startAgent(hub, files, namespace);
    await until('it attached again', () => hub.attached.length > before);
    expect(hub.issued).toHaveLength(1);
    expect(hub.attached.at(-1)).toBe(hub.issued[0]?.serialNumber);
  });
});

describe('an agent without a certificate that hubs take', () => {
  it('is back by one that ended while it was away, with no person near', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, 60_000);
    const namespace = await ownNamespace('certificates-late');
    const files = {
      caFile: hub.caFile,
      ...hub.give(-20 * 86_400_000),
      keptFile: join(dir, 'data', 'link.json'),
      tokenFile: join(dir, 'token'),
    };
    startAgent(hub, files, namespace);
    await until('it attached', () => hub.attached.length > 0);
    expect(hub.issued).toMatchObject([{ cluster: 'one', proof: 'ended' }]);
    expect(hub.attached).toEqual([hub.issued[0]?.serialNumber]);
  });

  it('enrols for the first time by a token, which it uses once and never says, over restarts of both', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, 60_000);
    const namespace = await ownNamespace('certificates-token');
    const token = 'enrol_0123456789';
    const files = {
      caFile: hub.caFile,
      certFile: join(dir, 'absent.crt'),
      keyFile: join(dir, 'absent.key'),
      keptFile: join(dir, 'data', 'link.json'),
      tokenFile: join(dir, 'token'),
    };
    hub.tokens.set(token, '');
    writeFileSync(files.tokenFile, `${token}\n`);
    await hub.stop();
    const first = startAgent(hub, files, namespace);
    await until('no hub answers', () => first.logged.join().includes('no hub renewed'));
    await hub.start();
    await until('it attached', () => hub.attached.length > 0);
    expect(hub.issued).toMatchObject([{ cluster: 'one', proof: 'token' }]);
    await first.stop();
    const second = startAgent(hub, files, namespace);
    await until('it attached again', () => hub.attached.length > 1);
    await clock.wait(300, AbortSignal.timeout(1_000));
    await second.stop();
    expect(hub.issued).toHaveLength(1);
    const logged = [...first.logged, ...second.logged].join();
    expect(logged).not.toContain('0123456789');
    expect(readFileSync(files.keptFile, 'utf8')).not.toContain('0123456789');
  });

  it('gets a certificate by its token again when the disk would not take it', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, 60_000);
    const namespace = await ownNamespace('certificates-unkept');
    const files = {
      caFile: hub.caFile,
      certFile: join(dir, 'absent.crt'),
      keyFile: join(dir, 'absent.key'),
      keptFile: join(dir, 'data', 'link.json'),
      tokenFile: join(dir, 'token'),
    };
    writeFileSync(dirname(files.keptFile), 'in the way');
    hub.tokens.set('enrol_once', '');
    writeFileSync(files.tokenFile, 'enrol_once');
    startAgent(hub, files, namespace);
    await until('it was issued and not kept', () => hub.issued.length > 0);
    rmSync(dirname(files.keptFile));
    await until('it attached', () => hub.attached.length > 0);
  });

  it('does not show a refused token again, and takes another one', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, 60_000);
    const namespace = await ownNamespace('certificates-refused');
    const files = {
      caFile: hub.caFile,
      certFile: join(dir, 'absent.crt'),
      keyFile: join(dir, 'absent.key'),
      keptFile: join(dir, 'data', 'link.json'),
      tokenFile: join(dir, 'token'),
    };
    writeFileSync(files.tokenFile, 'enrol_wrong');
    const agent = startAgent(hub, files, namespace);
    await until('it is refused', () => agent.events.includes('error certificate.refused'));
    hub.tokens.set('enrol_right', '');
    writeFileSync(files.tokenFile, 'enrol_right');
    await until('it attached', () => hub.attached.length > 0);
    expect(await agent.registry.metrics()).toMatch(/renewals_total\{result="denied"\} 1/);
  });
});

describe('the pair on the disk', () => {
  it('fits whenever the process that writes it is killed', async () => {
    const dir = folder();
    await using hub = await startSigningHub(dir, 60_000);
    const keptFile = join(dir, 'kept', 'link.json');
    mkdirSync(dirname(keptFile));
    const files = { caFile: hub.caFile, certFile: '/none', keyFile: '/none', keptFile };
    const used = new Set<string>();
    const cert = () => (isKept(files) ? String(chooseCredentials(files, Date.now()).cert) : '');
    for (let round = 0; round < 5; round += 1) {
      const before = cert();
      const writer = await startProcess({
        command: process.execPath,
        args: [join(import.meta.dirname, '../testing/write-pairs.ts'), join(dir, 'authority.key'), keptFile],
        env: {},
        logFile: join(dir, 'writer.log'),
      });
      await until('another is kept', () => cert() !== before);
      await clock.wait(Math.random() * 40, AbortSignal.timeout(1_000));
      await writer.kill();
      used.add(cert());
    }
    expect(used.has('')).toBe(false);
    expect(used.size).toBe(5);
  });
});

function isKept(files: AgentFiles): boolean {
  try {
    return chooseCredentials(files, Date.now()).cert.length > 0;
  } catch {
    return false;
  }
}
