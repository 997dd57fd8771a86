import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import { systemClock } from '@meridian/runtime';
import { healthyStatus, startTcpProxy } from '@meridian/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attachOnce } from './attachment.ts';
import { readCredentials } from './certificate-files.ts';
import { hubCredentials } from './hub-channel.ts';
import { eventOf, linkRig, snapshotOf } from './testing/link-rig.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 10 });
/** Between heartbeats where messages are large: a busy machine takes its time for each, and a silent side is taken for gone. */
const unhurriedMs = 5_000;
/** A server that accepts connections and says nothing. */
async function silentServer(): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
const nameIn = (value: unknown) => (value as { application: string }).application;
let rig: ReturnType<typeof linkRig>;
beforeEach(() => {
  rig = linkRig();
});
afterEach(() => rig.close());

describe('an agent whose hub cannot be reached', () => {
  it('does nothing until it gives up', async () => {
    // It accepts connections and never says a word.
    await using mute = await silentServer();
    let looks = 0;
    const startedMs = systemClock.monotonicMs();
    const clock = {
      ...systemClock,
      // Heartbeats are due all along.
      monotonicMs: () => ((looks += 1), startedMs + 10_000 * looks),
    };
    const credentials = hubCredentials('127.0.0.1:1', readCredentials(rig.agentFiles('c1')));
    const state = { connected: false, lastAckedAtMs: undefined };
    const ending = new AbortController();
    const config = { ...rig.attachConfig([], 'c1'), clock };
    const attempt = { url: `127.0.0.1:${mute.port}`, credentials, session: 's', patienceMs: 1e9, state };
    const ended = attachOnce(config, { ...attempt, signal: ending.signal });
    await systemClock.wait(500, ending.signal);
    ending.abort();
    expect(await ended).toMatchObject({ reason: 'stopped', wasStored: false });
    expect(looks).toBeLessThan(20);
  });
});

describe('an agent that attaches', () => {
  it('says why when what it knows cannot be written down, and tries again', async () => {
    const server = await rig.serve();
    let tries = 0;
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1', {
      snapshot: () => {
        tries += 1;
        if (tries === 1) throw new Error('no such number');
        return snapshotOf([]);
      },
    });
    await until(() => expect(link.connected()).toBe(true));
    expect(rig.logged).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ reason: expect.stringContaining('no such number') }),
      }),
    );
  });

  it('says hello, then everything it knows, then changes in order with their trace, and is acknowledged', async () => {
    const server = await rig.serve();
    const { link, outbox } = rig.attach([`127.0.0.1:${server.port}`], 'us-west-2', {
      snapshot: () => snapshotOf([healthyStatus('us-west-2', 'a')]),
      traceparent: () => '00-aa-bb-01',
    });
    await until(() => expect(link.connected()).toBe(true));
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    outbox.application(healthyStatus('us-west-2', 'a', { generation: 2, observedAtMs: 2 }), trace);
    outbox.event(eventOf('healed'));
    await until(() => expect(rig.of('event')).toHaveLength(1));
    expect(rig.told.filter(({ kind }) => kind !== 'heartbeat').map(({ kind }) => kind)).toEqual([
      'hello',
      'snapshot',
      'application',
      'event',
    ]);
    expect(rig.of('application')[0]).toMatchObject({ value: { generation: 2 }, traceparent: trace });
    expect(rig.of('event')[0]).toMatchObject({ value: { cluster: 'us-west-2', message: 'healed' } });
    expect(server.sessions()).toMatchObject([
      { cluster: 'us-west-2', traceparent: '00-aa-bb-01', hello: { kubernetesVersion: 'v1.36.0' } },
    ]);
    await until(() => expect(link.lastAckedAtMs()).toBeGreaterThan(0));
    await until(() => expect(rig.of('heartbeat').length).toBeGreaterThan(1));
  });

  it('sends a change at once, not with the next heartbeat', async () => {
    const server = await rig.serve({ heartbeatMs: 600_000 });
    const { link, outbox } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));
    outbox.application(healthyStatus('c1', 'a'));
    await until(() => expect(rig.of('application')).toHaveLength(1));
  });

  it('keeps only the newest status per application while reports cannot be stored', async () => {
    let release: () => void = () => undefined;
    const storing = new Promise<void>((resolve) => (release = resolve));
    const seen: number[] = [];
    const server = await rig.serve({
      onApplication: (_session, application) => {
        seen.push(application.generation);
        return storing;
      },
    });
    const { link, outbox } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));
    for (let generation = 1; generation <= 3_000; generation += 1) {
      outbox.application(healthyStatus('c1', 'a', { generation }));
      if (generation % 50 === 0) await systemClock.wait(1, new AbortController().signal);
    }
    expect(seen.length).toBeLessThanOrEqual(64);
    release();
    await until(() => expect(seen.at(-1)).toBe(3_000));
    expect(seen.length).toBeLessThan(200);
  });

  it('splits a snapshot that is too large for one message, and leaves no application out of it', async () => {
    const server = await rig.serve({ heartbeatMs: unhurriedMs });
    const objects = Array.from({ length: 4_000 }, (_, index) => ({
      key: { group: 'apps', kind: 'Deployment', namespace: 'ml-serving', name: `object-${index}` },
      health: 'Healthy' as const,
      reason: 'x'.repeat(100),
    }));
    rig.attach([`127.0.0.1:${server.port}`], 'c1', {
      snapshot: () => snapshotOf(['a', 'b', 'c'].map((name) => healthyStatus('c1', name, { objects }))),
    });
    await until(() => expect(rig.of('application').length).toBe(2));
    const [snapshot] = rig.of('snapshot');
    expect(snapshot?.value).toMatchObject({
      applications: [{ application: 'a' }, { application: 'b' }, { application: 'c' }],
    });
    for (const { value } of rig.of('application'))
      expect((value as { objects: unknown[] }).objects.length).toBe(4_000);
  });
});

describe('a status that is too large for one message', () => {
  it('is reported with its worst objects, says that its list is cut, and the stream stays', async () => {
    const server = await rig.serve({ heartbeatMs: unhurriedMs });
    const objects = Array.from({ length: 6_000 }, (_, index) => ({
      key: { group: 'apps', kind: 'Deployment', namespace: 'ml-serving', name: `object-${index}` },
      health: index === 5_990 ? ('Degraded' as const) : ('Healthy' as const),
      reason: 'x'.repeat(300),
    }));
    const big = healthyStatus('c1', 'big', { objects, health: 'Degraded', message: 'object-5990 is broken' });
    const { link, outbox } = rig.attach([`127.0.0.1:${server.port}`], 'c1', {
      snapshot: () => snapshotOf([big, healthyStatus('c1', 'small')]),
    });
    await until(() => expect(link.connected()).toBe(true));
    outbox.application({ ...big, generation: 2 });
    outbox.application(healthyStatus('c1', 'after'));
    await until(() => expect(rig.of('application').map(({ value }) => nameIn(value))).toContain('after'));
    const reported = rig.of('application').filter(({ value }) => nameIn(value) === 'big');
    for (const { value } of reported)
      expect(value).toMatchObject({
        objects: expect.arrayContaining([
          expect.objectContaining({ key: expect.objectContaining({ name: 'object-5990' }) }),
        ]),
        message: expect.stringMatching(/object-5990 is broken.*of 6000 objects.*5999 Healthy, 1 Degraded/),
      });
    expect(reported.length).toBeGreaterThan(0);
    expect(rig.of('hello')).toHaveLength(1);
  });

  it('does not keep an agent from attaching when even what is said in a word of each is too much together', async () => {
    const server = await rig.serve({ heartbeatMs: unhurriedMs });
    const names = Array.from({ length: 1_500 }, (_, index) => `app-${index}`);
    const message = '\u{1f4a5}'.repeat(400);
    rig.attach([`127.0.0.1:${server.port}`], 'c1', {
      snapshot: () =>
        snapshotOf(names.map((name) => healthyStatus('c1', name, { message, health: 'Degraded' }))),
    });
    await until(() => expect(rig.of('snapshot')).toHaveLength(1));
    const said = new Map<string, unknown>();
    await until(() => {
      const [snapshot] = rig.of('snapshot');
      const first = (snapshot?.value as { applications: { message: string }[] }).applications;
      for (const value of [...first, ...rig.of('application').map((one) => one.value)])
        said.set(nameIn(value), (value as { message: string }).message);
      expect(new Set(said.values())).toEqual(new Set([message]));
    });
    expect(said.size).toBe(names.length);
    expect(rig.of('hello')).toHaveLength(1);
  });
});

describe('when a hub goes away', () => {
  it('attaches to another with a full snapshot, and repeats events that were not acknowledged', async () => {
    const first = await rig.serve({ onEvent: () => new Promise(() => undefined) });
    const second = await rig.serve();
    const { link, outbox } = rig.attach([`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`], 'c1', {
      random: () => 0,
      snapshot: () => snapshotOf([healthyStatus('c1', 'a')]),
    });
    await until(() => expect(link.connected()).toBe(true));
    outbox.event(eventOf('not stored'));
    await until(() => expect(first.sessions()).toHaveLength(1));
    await first.stop();
    await until(() => expect(second.sessions()).toHaveLength(1));
    await until(() => expect(rig.of('event')).toHaveLength(1));
    expect(rig.of('snapshot')).toHaveLength(2);
    expect(new Set(rig.of('hello').map(({ session }) => session)).size).toBe(2);
  });

  it('comes back to the same hub after its restart', async () => {
    const first = await rig.serve();
    const { link } = rig.attach([`127.0.0.1:${first.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));
    await first.stop();
    expect(link.connected()).toBe(false);
    await rig.serve({ address: `127.0.0.1:${first.port}` });
    await until(() => expect(rig.of('snapshot')).toHaveLength(2));
    await until(() => expect(link.connected()).toBe(true));
  });

  it('leaves a hub that is silent behind a connection that still stands', async () => {
    const server = await rig.serve();
    const proxy = await startTcpProxy({ port: server.port });
    try {
      const { link } = rig.attach([`127.0.0.1:${proxy.port}`], 'c1');
      await until(() => expect(link.connected()).toBe(true));
      proxy.fault('up', { kind: 'drop' });
      proxy.fault('down', { kind: 'drop' });
      await until(() => expect(link.connected()).toBe(false));
      await until(() =>
        expect(rig.of('gone')[0]?.value).toMatchObject({ reason: expect.stringContaining('no heartbeat') }),
      );
      proxy.heal();
      proxy.cut();
      await until(() => expect(link.connected()).toBe(true));
    } finally {
      await proxy[Symbol.asyncDispose]();
    }
  });

  it('moves on goaway without being thrown out', async () => {
    const server = await rig.serve();
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));
    server.goaway(100, 'maintenance');
    await until(() => expect(rig.of('hello')).toHaveLength(2));
    expect(
      rig.logged.some(({ fields }) => JSON.stringify(fields).includes('asked to attach elsewhere')),
    ).toBe(true);
  });
});

describe('reports that cannot be stored', () => {
  it('end the stream, so that the agent sends everything anew', async () => {
    let broken = true;
    const server = await rig.serve({
      onApplication: async (session, value) => {
        if (broken) throw new Error('disk full');
        rig.told.push({ kind: 'application', cluster: session.cluster, session: session.session, value });
      },
    });
    let generation = 1;
    const { link, outbox } = rig.attach([`127.0.0.1:${server.port}`], 'c1', {
      snapshot: () => snapshotOf([healthyStatus('c1', 'a', { generation, observedAtMs: generation })]),
    });
    await until(() => expect(link.connected()).toBe(true));
    generation = 2;
    outbox.application(healthyStatus('c1', 'a', { generation: 2, observedAtMs: 2 }));
    await until(() => expect(rig.of('snapshot')).toHaveLength(2));
    broken = false;
    expect(rig.of('snapshot')[1]?.value).toMatchObject({ applications: [{ generation: 2 }] });
  });
});

describe('certificates', () => {
  it('are taken up from changed files without a restart, and broken files do no harm', async () => {
    const files = rig.issue('hub', ['spiffe://meridian/hub/hub-1']);
    let look = async () => undefined as void;
    const waits: (() => void)[] = [];
    // The first waiter on 5 s is the certificate watch: it looks when the test says so.
    const clock = {
      ...systemClock,
      wait: (ms: number, signal: AbortSignal) =>
        ms === 5_000
          ? new Promise<void>(
              (resolve) => (waits.push(resolve), signal.addEventListener('abort', () => resolve())),
            )
          : systemClock.wait(ms, signal),
    };
    look = async () => {
      waits.shift()?.();
      await systemClock.wait(20, new AbortController().signal);
    };
    const server = await rig.serve({ ...files, clock });
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const agent = rig.agentFiles('c9');
        const socket = connect(
          {
            port: server.port,
            host: '127.0.0.1',
            ca: readFileSync(agent.caFile),
            cert: readFileSync(agent.certFile),
            key: readFileSync(agent.keyFile),
            ALPNProtocols: ['h2'],
          },
          () => {
            resolve(socket.getPeerCertificate().serialNumber);
            socket.destroy();
          },
        );
        socket.on('error', reject);
      });
    const before = await serial();
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));

    const good = readFileSync(files.keyFile);
    writeFileSync(files.keyFile, 'half a key');
    await look();
    expect(await serial()).toBe(before);
    expect(rig.logged.some(({ message }) => message.includes('the last ones stay'))).toBe(true);
    writeFileSync(files.keyFile, good);

    rig.issue('hub', ['spiffe://meridian/hub/hub-1']);
    await look();
    expect(await serial()).not.toBe(before);
    expect(link.connected()).toBe(true);
    expect(rig.of('gone')).toEqual([]);
  });

  it('that end, with the hub away or not, are named until another is put in their place, and then everything is told', async () => {
    const uri = ['spiffe://meridian/cluster/c1'];
    const files = rig.issue('late', uri, rig.authority, 2_000);
    const server = await rig.serve();
    const address = `127.0.0.1:${server.port}`;
    const { link, outbox } = rig.attach([address], 'c1', { ...files, random: () => 0.01 });
    await until(() => expect(link.connected()).toBe(true));
    await until(() =>
      expect(rig.of('gone')[0]?.value).toMatchObject({ reason: 'the certificate has expired' }),
    );
    outbox.event(eventOf('while it could not be told'));
    const said = () =>
      rig.logged.some(
        ({ fields }) =>
          JSON.stringify(fields).includes(`about the certificate in ${files.certFile}: it ended at`) &&
          JSON.stringify(fields).includes('put a new one in its place, which is taken up without a restart'),
      );
    await until(() => expect(said()).toBe(true));
    await server.stop();
    // Key and certificate are two files: between the two writes they do not fit, and nothing may break.
    const key = readFileSync(files.keyFile);
    rig.issue('late', uri);
    const renewed = readFileSync(files.keyFile);
    writeFileSync(files.keyFile, key);
    await rig.serve({ address });
    await until(() =>
      expect(JSON.stringify(rig.logged)).toContain(`does not belong to the certificate in ${files.certFile}`),
    );
    expect(link.connected()).toBe(false);
    writeFileSync(files.keyFile, renewed);
    await until(() => expect(link.connected()).toBe(true));
    await until(() => expect(rig.of('event')).toHaveLength(1));
    expect(rig.of('snapshot')).toHaveLength(2);
  });

  it('that do not fit together are named at the start', async () => {
    const files = rig.issue('hub', ['spiffe://meridian/hub/hub-1']);
    const other = rig.issue('other', []);
    await expect(rig.serve({ ...files, keyFile: other.keyFile })).rejects.toThrow(
      'does not belong to the certificate',
    );
    await expect(rig.serve({ ...files, certFile: '/nowhere.pem' })).rejects.toThrow(
      '/nowhere.pem cannot be read',
    );
  });

  it('are checked anew because an old stream is asked to leave', async () => {
    const server = await rig.serve({ heartbeatMs: 50, maxStreamAgeMs: 200 });
    rig.attach([`127.0.0.1:${server.port}`], 'c1', { random: () => 0 });
    await until(() => expect(rig.of('hello').length).toBeGreaterThan(1));
  });
});

describe('the server', () => {
  it('says that its port is taken', async () => {
    const server = await rig.serve();
    await expect(rig.serve({ address: `127.0.0.1:${server.port}` })).rejects.toThrow('the port is taken');
  });
});
