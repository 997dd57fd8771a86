import type { FleetEvent } from '@meridian/fleet';
import { expect, test, vi } from 'vitest';
import { createEventOutbox } from './event-outbox.ts';

const event = (message: string): FleetEvent => ({ atMs: 1, level: 'info', type: 'release.made', message });

test('events are published in order, a refused one does not hold up the rest, and the last ones go out at the end', async () => {
  const published: string[] = [];
  const warnings: object[] = [];
  const publish = async ({ message }: FleetEvent) => {
    if (message === 'bad') throw new Error('refused');
    published.push(message);
  };
  const outbox = createEventOutbox(publish, { warn: (fields) => warnings.push(fields) });
  const stop = new AbortController();
  const running = outbox.run(stop.signal);
  outbox.put([event('a'), event('bad'), event('b')]);
  await vi.waitFor(() => expect(published).toEqual(['a', 'b']));
  expect(warnings).toHaveLength(1);
  outbox.put([event('c')]);
  stop.abort();
  await running;
  expect(published).toEqual(['a', 'b', 'c']);
});

test('at most 5,000 events wait, the oldest are dropped', async () => {
  const published: string[] = [];
  const outbox = createEventOutbox(async ({ message }) => void published.push(message), {
    warn: () => undefined,
  });
  outbox.put(Array.from({ length: 5_010 }, (_, index) => event(`${index}`)));
  const stop = new AbortController();
  stop.abort();
  await outbox.run(stop.signal);
  expect(published).toHaveLength(5_000);
  expect(published[0]).toBe('10');
});

test('stopping does not wait until everything that waits was tried', async () => {
  let tried = 0;
  const slowly = async () => {
    tried += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
    throw new Error('no answer');
  };
  const outbox = createEventOutbox(slowly, { warn: () => undefined });
  const stop = new AbortController();
  outbox.put(Array.from({ length: 100 }, (_, index) => event(`${index}`)));
  const running = outbox.run(stop.signal);
  await vi.waitFor(() => expect(tried).toBe(1));
  stop.abort();
  await running;
  expect(tried).toBeLessThan(15);
});
