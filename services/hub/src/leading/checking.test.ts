import type { Assignment, Check, Gate } from '@meridian/fleet';
import { decide } from '@meridian/rollout';
import type { RolloutEvent, RolloutState } from '@meridian/rollout';
import { expect, test } from 'vitest';
import { outdatedChecks } from './checking.ts';
import { emptyBook } from './ledger-book.ts';

const common = { firstInstall: 'hold' } as const;
const gates: Gate[] = [
  { kind: 'job', name: 'smoke', spec: { template: {} }, timeoutMs: 60_000, ...common },
  {
    ...{
      kind: 'metric',
      name: 'errors',
      source: 'prometheus',
      query: 'up{r="{{revision}}"}',
      max: 1,
      ...common,
    },
    ...{ intervalMs: 60_000, aggregate: 'every', forMs: 0, failAfterMs: 0 },
  },
];
const stage = { name: 'all', clusters: { matchLabels: {} }, maxConcurrent: 2, soakMs: 0, after: gates };
const bundles = { east: { digest: 'A', objects: 1 }, west: { digest: 'B', objects: 1 } };
const made: RolloutEvent = {
  kind: 'releaseMade',
  release: { application: 'web', digest: 'R1', revision: 'c0ffee', bundles },
  strategy: { name: 'gated', stages: [stage], progressDeadlineMs: 60_000, failureBudget: 0 },
  policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
  labels: {},
  removals: {},
};
const healthy = (cluster: string): RolloutEvent => ({
  ...{ kind: 'statusObserved', cluster, release: 'R1', generation: 1, sync: 'Synced', health: 'Healthy' },
  ...{ message: '', observedAtMs: 0, stale: false },
});

function after(...events: readonly RolloutEvent[]): RolloutState {
  let state: RolloutState | undefined;
  for (const event of events) state = decide(state, event, 1).next;
  if (!state) throw new Error('there is no rollout');
  return state;
}

const atGates = after(made, healthy('east'), healthy('west'));

/** What has to be signed anew when the assignments ask for these checks. */
function outdated(checks: { readonly [cluster: string]: readonly Check[] }, state = atGates) {
  const book = emptyBook();
  for (const [cluster, asked] of Object.entries(checks)) {
    const assignment = { cluster, application: 'web', bundle: 'A', checks: asked } as unknown as Assignment;
    book.assignments.set(cluster, new Map([['web', { assignment, traceparent: undefined }]]));
  }
  return Object.fromEntries(
    outdatedChecks(book, state).map(({ stored, checks: wanted }) => [stored.assignment.cluster, wanted]),
  );
}

const wanted = outdated({ east: [], west: [] });

test('the checks of open gates are signed into the assignments that do not ask for them, and once only', () => {
  expect(wanted['east']?.map(({ id }) => id)).toEqual(['smoke-1-1-R1', 'errors-1-1-R1']);
  expect(outdated({ east: wanted['east'] ?? [], west: [] })).toEqual({ west: wanted['west'] });
  expect(outdated({ ...wanted })).toEqual({});
});

test('a check that is asked for otherwise by now is signed anew', () => {
  const [job, metric] = wanted['east'] ?? [];
  if (job?.kind !== 'job' || metric?.kind !== 'metric') throw new Error('other checks');
  for (const other of [
    [job, { ...metric, query: 'up{r="earlier"}' }],
    [{ ...job, id: 'smoke-1-0-R1' }, metric],
    [{ ...job, when: 'always' as const }, metric],
    [metric, job],
    [job],
    [job, metric, job],
  ])
    expect(outdated({ east: other })).toEqual({ east: wanted['east'] });
});

test('a gate that is over is asked for no more', () => {
  const over = after(made, healthy('east'), healthy('west'), {
    ...{ kind: 'abortRequested', release: 'R1', author: 'lena', reason: 'enough' },
  });
  expect(outdated({ ...wanted }, over)).toEqual({ east: [], west: [] });
});
