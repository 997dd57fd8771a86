import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

const never = new AbortController().signal;
const quick = { places: 2, slowMs: 60_000, most: 8 };

/** Works that begin when it is their turn and end when they are told to. */
function works(turns: Turns) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const take = (name: string, signal = never) =>
    turns.take(
      name.slice(0, 1),
      () =>
        new Promise<string>((resolve) => {
          begun.push(name);
          ends.set(name, () => resolve(name));
        }),
      signal,
    );
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { begun, take, end };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('lets as many works begin as there are places, and applications take turns at them', async () => {
  const { begun, take, end } = works(new Turns(quick));
  const taken = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1'].map((name) => take(name));
  await settled();
  expect(begun).toEqual(['a1', 'a2']);
  await end('a1');
  await end('a2');
  expect(begun.slice(2).sort()).toEqual(['a3', 'b1']);
  await end('b1');
  await end('a3');
  expect(begun.slice(4).sort()).toEqual(['a4', 'c1']);
  await end('c1');
  await end('a4');
  expect(await Promise.all(taken)).toHaveLength(6);
});

it('gives the place of a slow work to another application, and its own nothing further', async () => {
  const { begun, take, end } = works(new Turns({ places: 1, slowMs: 1, most: 8 }));
  const taken = ['a1', 'a2', 'b1'].map((name) => take(name));
  await expect.poll(() => begun).toEqual(['a1', 'b1']);
  await end('b1');
  expect(begun).toEqual(['a1', 'b1']);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'a2']);
  await end('a2');
  await Promise.all(taken);
});

it('never has more under way than the most, slow ones included', async () => {
  const { begun, take, end } = works(new Turns({ places: 1, slowMs: 1, most: 2 }));
  const taken = ['a1', 'b1'].map((name) => take(name));
  await expect.poll(() => begun).toEqual(['a1', 'b1']);
  taken.push(take('c1'));
  await settled();
  expect(begun).toHaveLength(2);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'c1']);
  await Promise.all([end('b1'), end('c1'), ...taken]);
});

it('lets go of one who leaves, and of nobody else', async () => {
  const { begun, take, end } = works(new Turns({ ...quick, places: 1 }));
  const leaving = new AbortController();
  const first = take('a1');
  const left = take('a2', leaving.signal);
  const stays = take('a3');
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  await end('a1');
  expect(begun).toEqual(['a1', 'a3']);
  await end('a3');
  expect(await Promise.all([first, stays])).toEqual(['a1', 'a3']);
  await expect(take('a4', leaving.signal)).rejects.toThrow('left');
});

it('goes on when a work fails', async () => {
  const turns = new Turns({ ...quick, places: 1 });
  const failed = turns.take('a', () => Promise.reject(new Error('broken')), never);
  const next = turns.take('a', async () => 'done', never);
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
