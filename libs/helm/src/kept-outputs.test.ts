import { expect, it } from 'vitest';
import type { RenderedChart } from './helm.ts';
import { KeptOutputs } from './kept-outputs.ts';

const never = new AbortController().signal;
const text = { text: 'a' };

/** A rendering that ends when it is told to. */
function waiting() {
  const { promise, resolve, reject } = Promise.withResolvers<RenderedChart>();
  const calls = { count: 0 };
  const render = () => {
    calls.count += 1;
    return promise;
  };
  return { render, calls, resolve, reject };
}

it('renders once for all who ask at the same time and for those who ask later', async () => {
  const outputs = new KeptOutputs();
  const { render, calls, resolve } = waiting();
  const asked = [1, 2, 3].map(() => outputs.obtain('k', render, never));
  resolve(text);
  expect(await Promise.all(asked)).toEqual([text, text, text]);
  expect(await outputs.obtain('k', render, never)).toBe(text);
  expect(calls.count).toBe(1);
});

it('keeps refusals too, but nothing that a limit has ended', async () => {
  const outputs = new KeptOutputs();
  const errors = [{ file: 'a', message: 'no' }];
  const refused = async () => ({ errors });
  const limited = async () => ({ errors, isLimit: true as const });
  await outputs.obtain('refused', refused, never);
  await outputs.obtain('limited', limited, never);
  expect(outputs.get('refused')).toEqual({ errors });
  expect(outputs.get('limited')).toBeUndefined();
});

it('begins again for those who wait when the one who began has left', async () => {
  const outputs = new KeptOutputs();
  const first = waiting();
  const second = waiting();
  const left = outputs.obtain('k', first.render, never);
  const stays = outputs.obtain('k', second.render, never);
  first.reject(new Error('left'));
  await expect(left).rejects.toThrow('left');
  second.resolve(text);
  expect(await stays).toBe(text);
});

it('lets go of one who leaves while another renders', async () => {
  const outputs = new KeptOutputs();
  const { render, resolve } = waiting();
  const stays = outputs.obtain('k', render, never);
  const leaving = new AbortController();
  const leaves = outputs.obtain('k', render, leaving.signal);
  leaving.abort(new Error('left'));
  await expect(leaves).rejects.toThrow('left');
  resolve(text);
  expect(await stays).toBe(text);
});

it('forgets what was not wanted for longest when it is full', async () => {
  const outputs = new KeptOutputs(100);
  const long = async () => ({ text: 'x'.repeat(40) });
  for (const key of ['a', 'b']) await outputs.obtain(key, long, never);
  expect(outputs.get('a')).toBeDefined();
  await outputs.obtain('c', long, never);
  expect(['a', 'b', 'c'].map((key) => outputs.get(key) !== undefined)).toEqual([true, false, true]);
});
