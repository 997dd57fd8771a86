import { describe, expect, test } from 'vitest';
import { differenceOf } from '../kube/difference.ts';
import { Replays } from '../kube/replays.ts';

/** Fails so many times. */
function failing(times: number) {
  const played: string[] = [];
  const play = (namespace: string) => {
    played.push(namespace);
    return played.length > times
      ? Promise.resolve()
      : Promise.reject(new Error(`difference ${String(played.length)}`));
  };
  return { played, play };
}

describe('what is compared between servers', () => {
  test('is played once when it holds', async () => {
    const replays = new Replays(0);
    const { played, play } = failing(0);
    await replays.play('a', 'case-1', play);
    expect(played).toEqual(['case-1']);
    expect(replays.replayed).toEqual([]);
    replays.check();
  });

  test('is played again in a fresh namespace, and holds when it then does', async () => {
    const replays = new Replays(2);
    const { played, play } = failing(2);
    await replays.play('a', 'case-1', play);
    expect(played).toEqual(['case-1', 'case-1-2', 'case-1-3']);
    expect(replays.replayed).toEqual(['a: difference 1', 'a: difference 2']);
    replays.check();
  });

  test('fails when it differs each time, with what it differed in last', async () => {
    const { played, play } = failing(Infinity);
    await expect(new Replays(9).play('a', 'case-1', play)).rejects.toThrow('difference 3');
    expect(played).toHaveLength(3);
  });

  test('tells nothing when too much had to be played again, and says what', async () => {
    const replays = new Replays(1);
    await replays.play('a', 'case-1', failing(1).play);
    replays.check();
    await replays.play('b', 'case-2', failing(1).play);
    expect(() => replays.check()).toThrow(
      'more than 1 had to be played again:\na: difference 1\nb: difference 1',
    );
  });
});

describe('a difference', () => {
  test.each([
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, 'a.1.b: 2, not 3'],
    [{ a: 1, c: 4 }, { a: 1 }, 'c: 4, not nothing'],
    [{ a: 1 }, { a: 1, c: null }, 'c: nothing, not null'],
    [[1], [1, 2], '1: nothing, not 2'],
    [{ 0: 1 }, [1], 'the whole: {"0":1}, not [1]'],
    ['x', 'y', 'the whole: "x", not "y"'],
  ])('between %j and %j is told by its place', (found, wanted, told) => {
    expect(differenceOf(found, wanted)).toBe(told);
  });

  test('is told in short', () => {
    expect(differenceOf('x'.repeat(5_000), '')?.length).toBeLessThan(400);
  });
});
