import { describe, expect, it } from 'vitest';
import { applications, bundleOf, emptyTree, lastCommit, nextCommit } from './commits.ts';
import type { Commit, Tree } from './commits.ts';
import { diceOf } from './dice.ts';

function commits(seed: number, count: number): readonly Commit[] {
  const dice = diceOf(seed);
  let tree: Tree = emptyTree;
  return Array.from({ length: count }, () => {
    const commit = nextCommit(tree, dice);
    ({ tree } = commit);
    return commit;
  });
}

const bundles = (tree: Tree) => applications.map((application) => bundleOf(tree, application));

const movesFrom = (before: Tree, { roaming }: Tree): readonly string[] =>
  [...before.roaming].flatMap(([name, { owner }]) => {
    const now = roaming.get(name)?.owner;
    if (now === undefined) return ['dropped'];
    return now === owner ? [] : ['moved'];
  });

const comingAndGoing = (before: Tree, tree: Tree): readonly string[] => [
  ...[...tree.withdrawn].filter((each) => !before.withdrawn.has(each)).map(() => 'withdrawn'),
  ...[...before.withdrawn].filter((each) => !tree.withdrawn.has(each)).map(() => 'back'),
  ...(before.parts.get('a')?.hasKind === tree.parts.get('a')?.hasKind ? [] : ['kind']),
];

describe('the commits of a chaos run', () => {
  it('come again with their seed, and only with it', () => {
    const texts = (seed: number) => JSON.stringify(commits(seed, 50).map(({ tree }) => bundles(tree)));
    expect(texts(7)).toBe(texts(7));
    expect(texts(7)).not.toBe(texts(8));
  });

  it('change only the applications that they name', () => {
    let before: Tree = emptyTree;
    for (const { tree, changed } of commits(1, 200)) {
      for (const application of applications.filter((each) => !changed.includes(each)))
        expect(bundleOf(tree, application)).toEqual(bundleOf(before, application));
      before = tree;
    }
  });

  it('never give one object to two applications', () => {
    for (const { tree } of commits(2, 200)) {
      const names = bundles(tree)
        .flatMap((objects) => objects ?? [])
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('have all that is to be shown: moves, withdrawals, replacements, hooks, kinds that come and go', () => {
    let before: Tree = emptyTree;
    const seen = commits(3, 200).flatMap(({ tree }) => {
      const events = [...movesFrom(before, tree), ...comingAndGoing(before, tree)];
      before = tree;
      return events;
    });
    for (const event of ['moved', 'dropped', 'withdrawn', 'back', 'kind'])
      expect(seen.filter((each) => each === event).length, event).toBeGreaterThan(5);
    expect(bundles(lastCommit(before).tree)).toEqual([undefined, undefined, undefined]);
  });
});
