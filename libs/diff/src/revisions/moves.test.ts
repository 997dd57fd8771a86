import { expect, it } from 'vitest';
import type { ClusterPlan } from './application-plan.ts';
import { withMoves } from './moves.ts';
import type { ObjectChange } from './object-changes.ts';

const change = (
  name: string,
  what: ObjectChange['change'],
  more: Partial<ObjectChange> = {},
): ObjectChange => ({
  change: what,
  key: { group: '', kind: 'ConfigMap', namespace: '', name },
  fields: [],
  ...more,
});
const compared = (
  application: string,
  changes: readonly ObjectChange[],
  more: Partial<ClusterPlan> & { readonly namespace?: string } = {},
) => {
  const { namespace = 'ml', ...plan } = more;
  const cluster: ClusterPlan = { cluster: 'east', move: undefined, changes, approvals: [], ...plan };
  return { application, namespaces: { before: namespace, after: namespace }, clusters: [cluster] };
};
const told = (all: ReturnType<typeof withMoves>) =>
  all.map(({ clusters }) =>
    clusters.flatMap(({ changes }) =>
      changes.map(({ change: what, key, movesTo, movesFrom }) =>
        [what, key.name, movesTo ?? movesFrom].filter((word) => word !== undefined).join(' '),
      ),
    ),
  );

it('what one application drops and another one gets in the same cluster is moved, on both sides', () => {
  const old = compared('old', [change('x', 'deleted'), change('y', 'deleted'), change('z', 'left')]);
  const next = compared('next', [change('x', 'created'), change('z', 'created'), change('w', 'created')]);
  expect(told(withMoves([old, next]))).toEqual([
    ['moved x next', 'deleted y', 'moved z next'],
    ['created x old', 'created z old', 'created w'],
  ]);
});

it('nothing moves between clusters, namespaces, or by a hook', () => {
  const old = compared('old', [change('x', 'deleted')]);
  const isApart = (other: ReturnType<typeof compared>) =>
    told(withMoves([old, other]))[0]?.[0] === 'deleted x';
  expect(isApart(compared('next', [change('x', 'created')], { cluster: 'west' }))).toBe(true);
  expect(isApart(compared('next', [change('x', 'created')], { namespace: 'other' }))).toBe(true);
  expect(isApart(compared('next', [change('x', 'created', { hook: ['PreSync'] })]))).toBe(true);
  expect(isApart(compared('next', [change('x', 'created')]))).toBe(false);
});

it('what moves needs no approval, and what is deleted beside it counts alone', () => {
  const next = compared('next', [change('x', 'created')]);
  const approvals = (deletions: number, allowed = 0) =>
    withMoves([
      compared('old', [change('x', 'deleted')], { approvals: [{ why: 'over budget', deletions, allowed }] }),
      next,
    ])[0]?.clusters[0]?.approvals;
  expect(approvals(1)).toEqual([]);
  expect(approvals(3)).toEqual([{ why: 'over budget', deletions: 2, allowed: 0 }]);
  expect(approvals(3, 2)).toEqual([]);
});
