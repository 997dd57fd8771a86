import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { changeAuthors } from './change-authors.ts';
import type { Change } from './change-authors.ts';

const { signal } = new AbortController();

function open(answer: (change: Change) => readonly string[] | undefined) {
  const asked: string[] = [];
  const warned: string[] = [];
  const time = { nowMs: 0 };
  const authors = changeAuthors(
    async (change) => {
      asked.push(`${change.from}..${change.to}`);
      return answer(change);
    },
    { warn: (_fields, message) => void warned.push(message) },
    { monotonicMs: () => time.nowMs },
  );
  return { asked, warned, authors, time };
}

test('applications that go the same way ask git once', async () => {
  const { asked, authors } = open(({ to }) => [`author of ${to}`]);
  for (const to of ['b', 'b', 'c'])
    expect(await authors({ from: 'a', to }, signal)).toEqual([`author of ${to}`]);
  expect(asked).toEqual(['a..b', 'a..c']);
});

test('what git cannot tell is asked again, and what was asked long ago is forgotten', async () => {
  const { asked, authors } = open(({ to }) => (to === 'none' ? undefined : [to]));
  expect(await authors({ from: 'a', to: 'none' }, signal)).toBeUndefined();
  expect(await authors({ from: 'a', to: 'none' }, signal)).toBeUndefined();
  for (let to = 0; to < 65; to += 1) await authors({ from: 'a', to: `${to}` }, signal);
  await authors({ from: 'a', to: '64' }, signal);
  await authors({ from: 'a', to: '0' }, signal);
  expect(asked.filter((one) => /none|\.\.(0|64)$/.test(one))).toEqual([
    'a..none',
    'a..none',
    'a..0',
    'a..64',
    'a..0',
  ]);
});

test('a git that fails makes authors unknown, and a leader that stops is not held up', async () => {
  const { warned, authors } = open(() => {
    throw new FaultError('unavailable', 'the disk is gone', { retry: 'later' });
  });
  expect(await authors({ from: undefined, to: 'b' }, signal)).toBeUndefined();
  expect(warned).toEqual(['git does not say who wrote a change']);
  await expect(authors({ from: undefined, to: 'b' }, AbortSignal.abort())).rejects.toThrow('abort');
});

test('a git that fails is asked about the same change again after half a minute, however many applications want to know', async () => {
  const { asked, authors, time } = open(() => {
    throw new FaultError('timeout', 'git hangs', { retry: 'later' });
  });
  const ask = (to: string) => authors({ from: 'a', to }, signal);
  for (let count = 0; count < 100; count += 1) expect(await ask('b')).toBeUndefined();
  expect(asked).toEqual(['a..b']);
  time.nowMs = 30_000;
  await ask('b');
  await ask('c');
  expect(asked).toEqual(['a..b', 'a..b', 'a..c']);
});
