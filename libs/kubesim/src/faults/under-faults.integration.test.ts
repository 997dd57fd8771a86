import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { tempDir } from '@meridian/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimServer } from '../cluster/sim-server.ts';
import type { SimServer } from '../cluster/sim-server.ts';
import type { FaultRule } from './fault-rule.ts';

const resources = new AsyncDisposableStack();
let server: SimServer;

beforeAll(async () => {
  const dir = resources.use(await tempDir('faults'));
  // Every draw is the middle, so that shares and jitter are the same in each run.
  server = resources.use(await startSimServer({ name: 'faulty', dir: dir.path, random: () => 0.5 }));
});
afterEach(() => server.faults.clear());
afterAll(() => resources.disposeAsync());

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const maps = '/api/v1/namespaces/default/configmaps';

function open(
  method: string,
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${server.token}`,
    'user-agent': 'chaos/1',
    ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': String(text.length) }),
    ...more,
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers, ca: server.caPem, agent: false };
    request(new URL(path, server.url), options, resolve).once('error', reject).end(text);
  });
}

async function ask(...asked: Parameters<typeof open>): Promise<Answer> {
  const answer = await open(...asked);
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}

const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

/** The lines of a watch as they come. */
async function watching(query = ''): Promise<{ lines: string[]; ended: Promise<'end' | 'cut'> }> {
  const answer = await open('GET', `${maps}?watch=true${query}`);
  const lines: string[] = [];
  answer.setEncoding('utf8');
  answer.on('data', (text: string) => lines.push(...text.split('\n').filter((line) => line !== '')));
  const ended = new Promise<'end' | 'cut'>((resolve) => {
    answer.once('end', () => resolve('end'));
    answer.once('error', () => resolve('cut'));
  });
  return { lines, ended };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 500) throw new Error('it did not come to that');
    await wait(10);
  }
}

const revision = () => String(server.cluster.store.revision);

describe('a request', () => {
  it('is answered late', async () => {
    server.faults.add({ fault: { kind: 'delay', delayMs: 80, jitterMs: 100 } });
    const before = performance.now();
    expect((await ask('GET', maps)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(125);
  });

  it('is refused as flow control does, with the time to wait', async () => {
    const fault = { kind: 'refuse', code: 429, retryAfterSeconds: 7 } as const;
    const handle = server.faults.add({ match: { userAgents: ['chaos/'] }, count: 1, fault });
    const answer = await ask('GET', maps);
    expect(answer).toMatchObject({ status: 429, text: 'Too many requests, please try again later.\n' });
    expect(answer.headers['retry-after']).toBe('7');
    expect(handle.count).toBe(1);
    expect((await ask('GET', maps)).status).toBe(200);
  });

  it.each([
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
    [504, 'Timeout'],
  ])('is refused with %d %s', async (code, reason) => {
    server.faults.add({ fault: { kind: 'refuse', code, retryAfterSeconds: 3 } });
    const answer = await ask('GET', maps);
    expect(answer.status).toBe(code);
    expect(answer.headers['retry-after']).toBe('3');
    expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', code, reason });
  });

  it('is dropped before it did anything', async () => {
    server.faults.add({ match: { verbs: ['create'] }, fault: { kind: 'drop', when: 'before' } });
    await expect(ask('POST', maps, configMap('never'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await ask('GET', `${maps}/never`)).status).toBe(404);
  });

  it('is dropped after it took effect, and the client cannot know', async () => {
    server.faults.add({ match: { verbs: ['create'] }, fault: { kind: 'drop', when: 'after' } });
    await expect(ask('POST', maps, configMap('ambiguous'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await ask('GET', `${maps}/ambiguous`)).status).toBe(200);
  });

  it('is answered in part', async () => {
    server.faults.add({ fault: { kind: 'truncate', afterBytes: 20 } });
    const answer = await open('GET', maps);
    let text = '';
    const reading = (async () => {
      for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(text).toHaveLength(20);
  });

  it('is answered slowly', async () => {
    await ask('POST', maps, configMap('large', { text: 'x'.repeat(3_000) }));
    server.faults.add({ fault: { kind: 'slow', bytesPerSecond: 10_000 } });
    const before = performance.now();
    const { text } = await ask('GET', `${maps}/large`);
    expect(text.length).toBeGreaterThan(3_000);
    expect(performance.now() - before).toBeGreaterThan(250);
  });

  it('reads a wrong clock, in the header and in what is written', async () => {
    const hourMs = 3_600_000;
    server.faults.add({ fault: { kind: 'skewClock', byMs: -hourMs } });
    const { headers, text } = await ask('POST', maps, configMap('early'));
    const created = (JSON.parse(text) as { metadata: { creationTimestamp: string } }).metadata
      .creationTimestamp;
    for (const time of [headers.date ?? '', created]) {
      expect(Math.abs(Date.parse(time) + hourMs - Date.now())).toBeLessThan(5_000);
    }
  });
});

describe('the past', () => {
  const twoPages = async () => {
    for (const name of ['page-a', 'page-b']) await ask('POST', maps, configMap(name));
    const first = JSON.parse((await ask('GET', `${maps}?limit=1`)).text) as {
      metadata: { continue: string };
    };
    return first.metadata.continue;
  };

  it('is gone for a page that continues, with a token to go on without it', async () => {
    const token = await twoPages();
    server.faults.add({ count: 1, fault: { kind: 'expire' } });
    const refused = await ask('GET', `${maps}?limit=1&continue=${token}`);
    expect(refused.status).toBe(410);
    const status = JSON.parse(refused.text) as { reason: string; metadata: { continue: string } };
    expect(status.reason).toBe('Expired');
    expect((await ask('GET', `${maps}?continue=${status.metadata.continue}`)).status).toBe(200);
  });

  it('is gone for a watch from a revision, and not for a new one', async () => {
    const handle = server.faults.add({ fault: { kind: 'expire' } });
    const { text, status } = await ask('GET', `${maps}?watch=true&resourceVersion=${revision()}`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    await ask('GET', `${maps}?watch=true&timeoutSeconds=1`);
    expect(handle.count).toBe(1);
  });

  it('is really forgotten when a compaction is asked for', async () => {
    const old = revision();
    await twoPages();
    await ask('PUT', `${maps}/page-a`, configMap('page-a', { a: 'b' }));
    server.faults.add({ match: { verbs: ['watch'] }, fault: { kind: 'compact' } });
    const { text } = await ask('GET', `${maps}?watch=true&resourceVersion=${old}`);
    expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });
});

describe('a watch', () => {
  it.each(['end', 'cut'] as const)('is dropped: %s', async (how) => {
    server.faults.add({ count: 1, fault: { kind: 'dropWatch', how, afterMs: 30 } });
    const { ended } = await watching(`&resourceVersion=${revision()}`);
    expect(await ended).toBe(how);
  });

  it('is cut after so many events', async () => {
    server.faults.add({ fault: { kind: 'dropWatch', how: 'end', afterEvents: 1 } });
    const { lines, ended } = await watching(`&resourceVersion=${revision()}`);
    await ask('POST', maps, configMap('one-event'));
    expect(await ended).toBe('end');
    expect(lines).toHaveLength(1);
  });

  it('falls silent while it is open, and tells all when the fault is over', async () => {
    const { lines } = await watching(`&resourceVersion=${revision()}&timeoutSeconds=60`);
    await ask('POST', maps, configMap('heard'));
    await until(() => lines.length === 1);
    const handle = server.faults.add({ fault: { kind: 'silenceWatch' } });
    expect(handle.count).toBe(1);
    await ask('POST', maps, configMap('unheard'));
    await ask('DELETE', `${maps}/unheard`);
    await wait(50);
    expect(lines).toHaveLength(1);
    handle.remove();
    await until(() => lines.length === 3);
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'ADDED',
      'ADDED',
      'DELETED',
    ]);
  });

  it('ends with an error event', async () => {
    server.faults.add({ fault: { kind: 'failWatch', code: 500, message: 'etcd is gone' } });
    const { lines, ended } = await watching(`&resourceVersion=${revision()}`);
    expect(await ended).toBe('end');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd is gone' } },
    ]);
  });
});

describe('a write', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'a', image: 'a' }] },
  };
  const pods = '/api/v1/namespaces/default/pods?dryRun=All';
  const containersOf = (text: string) =>
    (JSON.parse(text) as { spec: { containers: { name: string; imagePullPolicy: string }[] } }).spec
      .containers;

  it('gets a sidecar, with its defaults', async () => {
    const sidecar = { name: 'proxy', image: 'proxy:1' };
    server.faults.add({ fault: { kind: 'mutate', webhook: 'injector.example', sidecar } });
    const { text } = await ask('POST', pods, pod);
    expect(containersOf(text)).toMatchObject([
      { name: 'a' },
      { name: 'proxy', imagePullPolicy: 'IfNotPresent' },
    ]);
  });

  it('is denied, or fails, in the words of a webhook', async () => {
    const denied = server.faults.add({
      fault: { kind: 'mutate', webhook: 'w.example', denies: 'not today' },
    });
    expect(JSON.parse((await ask('POST', pods, pod)).text)).toMatchObject({
      code: 400,
      message: 'admission webhook "w.example" denied the request: not today',
    });
    denied.remove();
    server.faults.add({ fault: { kind: 'mutate', webhook: 'w.example', fails: 'EOF' } });
    expect(JSON.parse((await ask('POST', pods, pod)).text)).toMatchObject({
      code: 500,
      message: 'Internal error occurred: failed calling webhook "w.example": failed to call webhook: EOF',
    });
  });
});

describe('another process', () => {
  const path = '/kubesim/v1/faults';
  const rule: FaultRule = { match: { verbs: ['list'] }, fault: { kind: 'refuse', code: 503 } };

  it('asks for faults, reads how often they were met, and takes them back', async () => {
    const added = await ask('POST', path, rule);
    expect(added.status).toBe(201);
    const { id } = JSON.parse(added.text) as { id: string };
    expect((await ask('GET', maps)).status).toBe(503);
    expect(JSON.parse((await ask('GET', path)).text)).toEqual({ faults: [{ id, count: 1, rule }] });
    expect(JSON.parse((await ask('DELETE', `${path}/${id}`)).text)).toEqual({
      faults: [{ id, count: 1, rule }],
    });
    expect((await ask('GET', maps)).status).toBe(200);
    expect((await ask('GET', `${path}/${id}`)).status).toBe(404);
  });

  it('is told what is wrong with a rule', async () => {
    const { status, text } = await ask('POST', path, { fault: { kind: 'delay', delayMs: 'long' } });
    expect(status).toBe(400);
    expect(text).toContain('rule.fault.delayMs: Invalid input: expected number');
  });

  it('has to be an administrator', async () => {
    expect((await ask('GET', path, undefined, { authorization: 'Bearer nobody' })).status).toBe(401);
  });

  it('may not stand in for an administrator', async () => {
    const headers = { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' };
    expect((await ask('GET', path, undefined, headers)).status).toBe(403);
  });

  it('can still take faults back while everything else is refused', async () => {
    await ask('POST', path, { fault: { kind: 'drop', when: 'before' } });
    expect((await ask('DELETE', path)).status).toBe(200);
    expect((await ask('GET', maps)).status).toBe(200);
  });
});
