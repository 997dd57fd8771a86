import { expect, it } from 'vitest';
import { NameMemory } from './name-memory.ts';

it('remembers sets, and forgets all of them before there are too many names', () => {
  const memory = new NameMemory(10);
  let made = 0;
  const ask = (key: string, names: number) =>
    memory.of(key, () => {
      made += 1;
      return new Set(Array.from({ length: names }, (_, at) => `${key}${at}`));
    });
  expect(ask('a', 4)).toBe(ask('a', 4));
  ask('b', 6);
  expect([made, memory.size]).toEqual([2, 10]);
  ask('c', 1);
  expect(memory.size).toBe(1);
  expect(ask('a', 4).size).toBe(4);
  expect([made, memory.size]).toEqual([4, 5]);
  for (let at = 0; at < 100; at += 1) ask(`d${at}`, 7);
  expect(memory.size).toBe(7);
});
