import { describe, expect, it } from 'vitest';
import { withBackpressure } from './backpressure.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

const never = new AbortController().signal;
const request = (signal = never): HttpRequest => ({
  method: 'GET',
  path: '/api',
  repeatable: true,
  subject: { text: 'get it', secret: false },
  signal,
});
const answer = (status: number, retryAfterMs?: number): HttpAnswer => ({
  status,
  contentType: 'application/json',
  retryAfterMs,
  body: '',
});

/** A server whose answers a test gives, and a clock that it turns. */
function world() {
  const open: ((answer: HttpAnswer | Error) => void)[] = [];
  const timers: { readonly atMs: number; readonly ring: () => void }[] = [];
  let nowMs = 0;
  const transport: Transport = {
    send: () =>
      new Promise((resolve, reject) =>
        open.push((given) => (given instanceof Error ? reject(given) : resolve(given))),
      ),
    open: () => Promise.reject(new Error('not asked for')),
    close: () => undefined,
  };
  const clock = {
    monotonicMs: () => nowMs,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        timers.push({ atMs: nowMs + ms, ring: resolve });
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  const quiet = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    guarded: withBackpressure(transport, clock),
    sent: () => open.length,
    reply: async (given: HttpAnswer | Error) => {
      open.shift()?.(given);
      await quiet();
    },
    pass: async (ms: number) => {
      nowMs += ms;
      for (const { atMs, ring } of timers) if (atMs <= nowMs) ring();
      await quiet();
    },
    quiet,
  };
}

describe('a client that is asked for fewer requests', () => {
  it('sends as it is asked to while nothing is refused', async () => {
    const at = world();
    const all = [1, 2, 3].map(() => at.guarded.send(request()));
    await at.quiet();
    expect(at.sent()).toBe(3);
    for (const status of [200, 404, 500]) await at.reply(answer(status));
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 404, 500]);
  });

  it('sends nothing for the time that it was told, then one request, and all once that is taken', async () => {
    const at = world();
    const first = at.guarded.send(request());
    await at.quiet();
    await at.reply(answer(429, 3_000));
    expect((await first).status).toBe(429);
    const others = [1, 2, 3].map(() => at.guarded.send(request()));
    await at.pass(2_999);
    expect(at.sent()).toBe(0);
    await at.pass(1);
    expect(at.sent()).toBe(1);
    await at.reply(answer(200));
    expect(at.sent()).toBe(2);
    await at.reply(answer(200));
    await at.reply(answer(200));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('sends one request for each refusal, however many wait, and at most one a second', async () => {
    const at = world();
    const some = Array.from({ length: 20 }, () => at.guarded.send(request()));
    await at.quiet();
    expect(at.sent()).toBe(20);
    for (let index = 0; index < 20; index += 1) await at.reply(answer(429, 0));
    await Promise.all(some);
    const more = Array.from({ length: 20 }, () => at.guarded.send(request()));
    let sent = 0;
    for (let second = 0; second < 10; second += 1) {
      await at.pass(1_000);
      expect(at.sent()).toBe(1);
      sent += at.sent();
      await at.reply(answer(429));
    }
    expect(sent).toBe(10);
    await at.pass(1_000);
    await at.reply(answer(200));
    while (at.sent() > 0) await at.reply(answer(200));
    const statuses = (await Promise.all(more)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });

  it('does not take an answer to what was sent before for a word that the rush is over', async () => {
    const at = world();
    const early = [at.guarded.send(request()), at.guarded.send(request())];
    await at.quiet();
    await at.reply(answer(429, 5_000));
    await at.reply(answer(200));
    await Promise.all(early);
    const later = at.guarded.send(request());
    await at.pass(4_000);
    expect(at.sent()).toBe(0);
    await at.pass(1_000);
    await at.reply(answer(200));
    expect((await later).status).toBe(200);
  });

  it('lets the next one try when the one that tried met no answer', async () => {
    const at = world();
    const first = at.guarded.send(request());
    await at.quiet();
    await at.reply(answer(429));
    await first;
    const tried = at.guarded.send(request()).catch(String);
    const next = at.guarded.send(request());
    await at.pass(1_000);
    await at.reply(new Error('cut'));
    expect(await tried).toContain('cut');
    await at.reply(answer(200));
    expect((await next).status).toBe(200);
  });

  it('ends a wait that is aborted, and refuses what has waited for a quarter of a minute, without sending it', async () => {
    const at = world();
    const first = at.guarded.send(request());
    await at.quiet();
    await at.reply(answer(429, 60_000));
    await first;
    const stop = new AbortController();
    const aborted = at.guarded.send(request(stop.signal)).catch((error: unknown) => error);
    const late = at.guarded.send(request());
    stop.abort(new Error('no longer wanted'));
    expect(await aborted).toEqual(new Error('no longer wanted'));
    await at.pass(15_000);
    const { status, body } = await late;
    expect([status, at.sent()]).toEqual([429, 0]);
    expect(body).toContain('was not sent (get it)');
    const stream = await Promise.all([at.guarded.open(request()), at.pass(15_000)]);
    expect([stream[0].status, await stream[0].collect()]).toEqual([429, body]);
  });

  it('leaves only the object alone that a webhook has refused for now, and sends it again when its time has come', async () => {
    const at = world();
    const write = (name: string): HttpRequest => ({
      ...request(),
      method: 'PATCH',
      subject: { text: `apply ConfigMap x/${name}`, secret: false },
    });
    const message = 'admission webhook "a.example" denied the request: not more than one a minute';
    const refusal = { ...answer(429, 60_000), body: JSON.stringify({ kind: 'Status', message }) };
    const first = at.guarded.send(write('a'));
    await at.quiet();
    await at.reply(refusal);
    expect((await first).status).toBe(429);
    const others = [
      write('b'),
      { ...write('a'), method: 'GET' } as const,
      // A kind of that name in another group.
      { ...write('a'), path: '/apis/other.example/v1' },
    ].map((one) => at.guarded.send(one));
    await at.quiet();
    expect(at.sent()).toBe(3);
    for (const _ of others) await at.reply(answer(200));
    await at.pass(59_000);
    const held = await at.guarded.send({ ...write('a'), path: '/api?dryRun=All' });
    expect([at.sent(), held.status, held.retryAfterMs, held.body]).toEqual([
      0,
      429,
      1_000,
      expect.stringContaining('not sent for another 1 s'),
    ]);
    await at.pass(1_000);
    const again = at.guarded.send(write('a'));
    await at.quiet();
    await at.reply(answer(200));
    expect((await again).status).toBe(200);
  });
});
