import { createHash, createHmac, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ApplicationStatus,
  ApplicationView,
  ClusterView,
  DoctorView,
  FleetEvent,
  FleetView,
} from '@meridian/fleet';
import { connectNats, createNkey, natsServerConfig, openLedger } from '@meridian/ledger';
import type { Ledger, LedgerConnection } from '@meridian/ledger';
import { attachLink, createOutbox } from '@meridian/link';
import { FaultError, systemClock } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import {
  certificateAuthority,
  freePort,
  freePorts,
  healthyStatus,
  startNats,
  tempDir,
} from '@meridian/testkit';
import type { NatsServer } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serving } from './serving.ts';
import { statusFeed } from './status-feed.ts';

const token = 'the-token';
const secret = 'webhook secret';
const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 15_000, interval: 25 });
const silent = { write: () => undefined };

let dir: Awaited<ReturnType<typeof tempDir>>;
let nats: NatsServer;
const cleanup: (() => Promise<unknown>)[] = [];
const authority = certificateAuthority('test');
const hubKey = createNkey();

function certificate(name: string, uri: string) {
  const pair = authority.issue({
    commonName: name,
    uris: [uri],
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    usages: ['server', 'client'],
  });
  const files = {
    caFile: join(dir.path, 'ca.pem'),
    certFile: join(dir.path, `${name}.pem`),
    keyFile: join(dir.path, `${name}.key`),
  };
  writeFileSync(files.certFile, pair.certificatePem);
  writeFileSync(files.keyFile, pair.keyPem);
  return files;
}

beforeAll(async () => {
  dir = await tempDir('serving');
  const port = await freePort();
  const storeDir = join(dir.path, 'store');
  mkdirSync(storeDir);
  nats = await startNats({
    dir: dir.path,
    port,
    config: natsServerConfig({ hubPublicKey: hubKey.publicKey, clusters: [], port, storeDir }),
  });
  writeFileSync(join(dir.path, 'ca.pem'), authority.certificatePem);
  writeFileSync(join(dir.path, 'tokens'), `tester ${createHash('sha256').update(token).digest('hex')}\n`);
  writeFileSync(join(dir.path, 'webhook'), `${secret}\n`);
});
afterAll(async () => {
  for (const close of cleanup.reverse()) await close();
  await nats[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

interface Hub {
  readonly url: string;
  readonly linkUrl: string;
  readonly ledger: Ledger;
  readonly connection: LedgerConnection;
  readonly looks: () => number;
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

async function startHub(hubId: string): Promise<Hub> {
  const [apiPort = 0, linkPort = 0] = await freePorts(2);
  const connection = await connectNats({
    url: nats.url,
    seed: hubKey.seed,
    name: hubId,
    signal: AbortSignal.timeout(10_000),
  });
  const ledger = await openLedger({ connection, shard: 'main', holder: hubId, clock: systemClock });
  let looks = 0;
  const url = `http://127.0.0.1:${apiPort}`;
  const feed = statusFeed(ledger.statusBoard);
  const served = await serving({
    statusFeed: feed,
    charts: () => ({ kind: 'missing', program: 'helm' }),
    config: {
      hubId,
      shard: 'main',
      repo: { url: 'x', branch: 'main', pollMs: 1_000, fleetPath: 'fleet' },
      api: {
        address: `127.0.0.1:${apiPort}`,
        tokensFile: join(dir.path, 'tokens'),
        webhookSecretFile: join(dir.path, 'webhook'),
      },
      enrolment: undefined,
      link: {
        address: `127.0.0.1:${linkPort}`,
        ...certificate(hubId, `spiffe://meridian/hub/${hubId}`),
        revokedFile: undefined,
        issuing: undefined,
      },
    },
    version: '1',
    ledger,
    natsConnected: () => connection.connected(),
    telemetry: createTelemetry({ service: 'hub', instance: hubId, logLevel: 'error', destination: silent }),
    clock: systemClock,
    random: () => 0.5,
    ready: () => true,
    source: {
      state: () => ({
        url: 'x',
        branch: 'main',
        revision: 'c0ffee',
        fetchedAtMs: 1,
        ageMs: 1,
        stale: false,
        message: '',
      }),
      clusters: () => [{ name: 'east', labels: { region: 'east' } }],
      applications: () => [],
      problems: () => [],
      warnings: () => [],
      render: () => Promise.reject(new FaultError('not_found', 'nothing here', { retry: 'never' })),
      explain: () => Promise.reject(new FaultError('not_found', 'nothing here', { retry: 'never' })),
      look: () => void (looks += 1),
    },
  });
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const parts = [feed.part, ...served.parts];
  for (const part of parts)
    await part.start({ signal: stopping.signal, fail: (error) => failures.push(error) });
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      stopping.abort();
      for (const part of [...parts].reverse()) await part.stop?.();
      await connection.close();
      expect(failures).toEqual([]);
    })());
  cleanup.push(stop);
  return {
    url,
    linkUrl: `localhost:${linkPort}`,
    ledger,
    connection,
    looks: () => looks,
    stop,
    async get<T>(path: string) {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status, path).toBe(200);
      return (await response.json()) as T;
    },
  };
}

const status = (cluster: string, more: Partial<ApplicationStatus> = {}): ApplicationStatus =>
  healthyStatus(cluster, 'web', { observedAtMs: Date.now(), ...more });

function startAgent(cluster: string, urls: readonly string[], applications: () => ApplicationStatus[]) {
  const outbox = createOutbox();
  const heartbeat = () => ({ observedAtMs: Date.now(), sourceConnected: true, sourceReadAtMs: Date.now() });
  const link = attachLink({
    urls,
    ...certificate(cluster, `spiffe://meridian/cluster/${cluster}`),
    cluster,
    hello: () => ({ version: '1', startedAtMs: 1, clusterUid: 'u', kubernetesVersion: 'v1.36.0' }),
    snapshot: () => ({ applications: applications(), heartbeat: heartbeat() }),
    heartbeat,
    outbox,
    clock: systemClock,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    signal: new AbortController().signal,
  });
  cleanup.push(() => link.stop());
  return { link, outbox };
}

/** Reads server-sent events into a list until the stream ends. */
async function listen(url: string) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const seen: { event: string; data: unknown }[] = [];
  const ended = (async () => {
    let pending = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (pending + chunk).split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event] = /^event: (.+)$/m.exec(block) ?? [];
        const [, data] = /^data: (.+)$/m.exec(block) ?? [];
        if (event && data) seen.push({ event, data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined);
  return { response, seen, ended };
}

describe('what an agent reports to one hub', () => {
  it('is shown by every hub, survives the hub, and is told to those who watch', async () => {
    const [one, two] = [await startHub('hub-1'), await startHub('hub-2')];
    const watch = await listen(`${two.url}/v1/watch`);
    const events = await listen(`${two.url}/v1/events/stream`);
    await until(() => expect(watch.seen.map(({ event }) => event)).toContain('synced'));
    expect(watch.response.headers.get('content-type')).toContain('text/event-stream');

    const reported = [status('east')];
    const { link, outbox } = startAgent('east', [one.linkUrl, two.linkUrl], () => reported);
    await until(() => expect(link.lastAckedAtMs()).toBeGreaterThan(0));
    await until(async () =>
      expect(await two.get<ClusterView[]>('/v1/clusters')).toMatchObject([{ name: 'east', connected: true }]),
    );
    await until(() =>
      expect(watch.seen.filter(({ event }) => event === 'cluster').at(-1)?.data).toMatchObject({
        connected: true,
      }),
    );
    await until(() =>
      expect(events.seen).toMatchObject([{ data: { type: 'agent.attached', cluster: 'east' } }]),
    );

    outbox.event({
      atMs: 1,
      level: 'warning',
      type: 'drift.healed',
      application: 'web',
      message: 'scaled\u001b[31m back',
    });
    await until(async () =>
      expect((await two.get<FleetEvent[]>('/v1/events?limit=5'))[0]?.message).toBe('scaled\\u001b[31m back'),
    );
    const entries = () => two.ledger.statusBoard.all(AbortSignal.timeout(5_000));
    expect((await entries()).map(({ application }) => application)).toEqual(
      expect.arrayContaining(['web', undefined]),
    );

    // The hub that the agent is attached to goes; the agent says everything anew to the other.
    reported.pop();
    await one.stop();
    await until(async () =>
      expect((await entries()).some(({ application }) => application === 'web')).toBe(false),
    );
    await until(() => expect(link.connected()).toBe(true));
    expect(await two.get<FleetView>('/v1/fleet')).toMatchObject({
      clusters: { total: 1, connected: 1, stale: 0 },
    });
    expect(await two.get<ApplicationView[]>('/v1/applications')).toEqual([]);

    await two.stop();
    await Promise.all([watch.ended, events.ended]);
  });

  it('is acknowledged only when NATS has it, and everything is there again after an outage', async () => {
    const hub = await startHub('hub-3');
    const { link, outbox } = startAgent('east', [hub.linkUrl], () => [status('east')]);
    await until(() => expect(link.lastAckedAtMs()).toBeGreaterThan(0));
    await nats.kill();
    await until(() => expect(hub.connection.connected()).toBe(false));
    const before = link.lastAckedAtMs();
    outbox.application(status('east', { generation: 2, observedAtMs: Date.now() + 1 }));
    await systemClock.wait(1_000, new AbortController().signal);
    expect(link.lastAckedAtMs()).toBe(before);
    const doctor = await hub.get<DoctorView>('/v1/doctor');
    expect(doctor.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['nats', 'ledger']),
    );
    await nats.start();
    await until(() => expect(link.lastAckedAtMs()).toBeGreaterThan(before ?? 0));
    await until(async () =>
      expect((await hub.get<DoctorView>('/v1/doctor')).checks.find(({ name }) => name === 'nats')?.ok).toBe(
        true,
      ),
    );
    await hub.stop();
  });
});

describe('webhooks', () => {
  const post = (url: string, body: Buffer, headers: Record<string, string | number>) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(url, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode ?? 0);
        response.resume();
      });
      // A server that answers before it has read everything resets the rest.
      sent.on('error', (error) => (sent.destroyed ? undefined : reject(error)));
      sent.end(body);
    });

  it('that are signed make every hub look, and a replay of many is no more than a look each', async () => {
    const [one, two] = [await startHub('hub-4'), await startHub('hub-5')];
    const hints: string[] = [];
    const stopping = new AbortController();
    const heard = (async () => {
      for await (const _ of two.ledger.bus.onRefresh(stopping.signal)) hints.push('hint');
    })();
    await systemClock.wait(100, stopping.signal);
    const body = Buffer.from(JSON.stringify({ ref: 'refs/heads/main' }));
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    expect(await post(`${one.url}/webhooks/github`, body, headers)).toBe(202);
    expect(one.looks()).toBe(1);
    await until(() => expect(hints).toHaveLength(1));
    expect(
      await post(`${one.url}/webhooks/github`, body, {
        ...headers,
        'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
      }),
    ).toBe(401);
    expect(one.looks()).toBe(1);
    stopping.abort();
    await heard;
    await one.stop();
    await two.stop();
  });

  it('of 200 MB are cut off after one, without a growing process', async () => {
    const hub = await startHub('hub-6');
    const before = process.memoryUsage().rss;
    const chunk = randomBytes(1024 * 1024);
    const sizes = [undefined, 200 * chunk.length];
    for (const length of sizes) {
      const answered = new Promise<number>((resolve) => {
        const sent = request(`${hub.url}/webhooks/github`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length }),
          },
        });
        let answer = 0;
        sent.on('response', (response) => {
          answer = response.statusCode ?? 0;
          response.resume();
          resolve(answer);
          sent.destroy();
        });
        sent.on('error', () => resolve(answer));
        void (async () => {
          for (let count = 0; count < 200 && !sent.destroyed; count += 1) {
            if (!sent.write(chunk))
              await new Promise((wake) => (sent.once('drain', wake), sent.once('close', wake)));
          }
        })();
      });
      expect(await answered).toBe(413);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
    await hub.stop();
  });
});

describe('commands', () => {
  it('reach whoever leads from any hub, and fail clearly while nobody does', async () => {
    const [one, two] = [await startHub('hub-7'), await startHub('hub-8')];
    const release = `sha256:${'a'.repeat(64)}`;
    const approve = () =>
      fetch(`${one.url}/v1/applications/web/approve`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ release, reason: 'known' }),
      });
    expect((await approve()).status).toBe(404);
    await expect(one.ledger.bus.command({ kind: 'approveDeletions' }, 1_000)).rejects.toThrow(
      'no hub leads now',
    );
    const stopping = new AbortController();
    const commands: unknown[] = [];
    const served = two.ledger.bus.serveCommands(async (json) => void commands.push(json), stopping.signal);
    await until(async () => expect(await one.ledger.bus.command({ x: 1 }, 1_000)).toBe(null));
    expect(commands).toEqual([{ x: 1 }]);
    stopping.abort();
    await served;
    await one.stop();
    await two.stop();
  });
});

describe('many who watch', () => {
  it('are bounded, and one that leaves makes room', async () => {
    const hub = await startHub('hub-9');
    const streams = await Promise.all(
      Array.from({ length: 64 }, () => listen(`${hub.url}/v1/events/stream`)),
    );
    expect(streams.every(({ response }) => response.status === 200)).toBe(true);
    const over = await fetch(`${hub.url}/v1/events/stream`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([over.status, ((await over.json()) as { error: { code: string } }).error.code]).toEqual([
      429,
      'exhausted',
    ]);
    await hub.stop();
    await Promise.all(streams.map(({ ended }) => ended));
  });
});
