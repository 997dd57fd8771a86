import fc from 'fast-check';
import type { RolloutStrategy } from '@meridian/fleet';
import { decide } from './decide.ts';
import type { ReleaseMade, RolloutEvent } from './events.ts';
import {
  checksSaid,
  gateActions,
  gateEvent,
  gatedStages,
  outcomes,
} from './gates/random-gates.test-support.ts';
import type { Policy, RolloutState } from './state.ts';
import { approvalNeeded } from './view.ts';

/** The clusters that random events are about. */
export const names = ['a', 'b', 'c', 'd'] as const;
/** Their labels. */
export const labels = {
  a: { tier: 'canary' },
  b: { tier: 'prod' },
  c: { tier: 'prod' },
  d: { tier: 'other' },
};
/** The policy of every random release. */
export const policy: Policy = {
  namespace: 'ml',
  prune: true,
  selfHeal: true,
  createNamespace: true,
  deletionBudget: '50%',
};

/** Windows of the hours of the first day, and one that never closes. */
const windows: NonNullable<RolloutStrategy['windows']> = [
  {
    name: 'lunch',
    kind: 'deny',
    schedule: '*/10 * * * *',
    durationMs: 120_000,
    timeZone: 'UTC',
    clusters: {},
  },
  {
    name: 'tens',
    kind: 'allow',
    schedule: '5-59/10 * * * *',
    durationMs: 240_000,
    timeZone: 'UTC',
    clusters: { matchLabels: { tier: 'prod' } },
  },
];

/** Strategies, some of which go back, queue, wait for a start or mind windows. */
export const strategies = fc
  .record({
    name: fc.constant('random'),
    stages: fc.constantFrom<RolloutStrategy['stages']>(
      [],
      [{ name: 'canary', clusters: { matchLabels: { tier: 'canary' } }, maxConcurrent: 1, soakMs: 0 }],
      [
        { name: 'canary', clusters: { matchLabels: { tier: 'canary' } }, maxConcurrent: 1, soakMs: 30_000 },
        { name: 'prod', clusters: { matchLabels: { tier: 'prod' } }, maxConcurrent: '50%', soakMs: 0 },
      ],
      [
        {
          name: 'canary',
          clusters: { matchLabels: { tier: 'canary' } },
          maxConcurrent: 1,
          soakMs: 0,
          mandatory: true,
        },
      ],
    ),
    progressDeadlineMs: fc.constantFrom(60_000, 300_000),
    failureBudget: fc.constantFrom<RolloutStrategy['failureBudget']>(0, 1, '50%'),
    more: fc.constantFrom<Partial<RolloutStrategy>>(
      {},
      {},
      { onBreach: 'rollback' },
      { onNewer: 'queue' },
      { onBreach: 'rollback', onNewer: 'queue' },
      { start: 'manual', onBreach: 'rollback' },
      { windows, onBreach: 'rollback' },
      { windows },
    ),
  })
  .map(({ more, ...strategy }): RolloutStrategy => ({ ...strategy, ...more }));

const verbs = [
  'retryRequested',
  'pauseRequested',
  'resumeRequested',
  'abortRequested',
  'promoteRequested',
  'breakGlassRequested',
  'rollbackRequested',
  'startRequested',
] as const;

/** What a run of events may contain; statuses are built against the present state so that they often matter. */
const actions = fc.oneof(
  fc.record({
    do: fc.constant('release' as const),
    strategy: strategies,
    bundles: fc.dictionary(
      fc.constantFrom(...names),
      fc.record({
        variant: fc.constantFrom('x', 'y', 'z'),
        objects: fc.nat({ max: 6 }),
        dropped: fc.nat({ max: 6 }),
      }),
    ),
  }),
  fc.record({
    do: fc.constant('status' as const),
    cluster: fc.constantFrom(...names),
    healthy: fc.boolean(),
    sync: fc.constantFrom('Synced', 'Synced', 'Synced', 'OutOfSync', 'Applying'),
    refused: fc.constantFrom(0, 0, 0, 1, 3, 9),
    stale: fc.boolean(),
    outcome: outcomes,
    ahead: fc.constantFrom(0, 0, 0, 0, -1, 5),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 30_000, 400_000, -20_000) }),
  fc.record({
    do: fc.constant('approve' as const),
    right: fc.boolean(),
    // How far the numbers that the person saw are from what is refused now; none at all for `undefined`.
    seen: fc.constantFrom(undefined, -1, 0, 0, 2),
  }),
  fc.record({
    do: fc.constant('ask' as const),
    verb: fc.constantFrom(...verbs),
    right: fc.boolean(),
    // Which of the releases so far a rollback goes to.
    past: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  fc.record({
    do: fc.constant('ask' as const),
    verb: fc.constant('retryRequested' as const),
    right: fc.constant(true),
    past: fc.constant(0),
  }),
  gateActions,
);
type Action = typeof actions extends fc.Arbitrary<infer T> ? T : never;

/** A release for all clusters with gates, and then mostly what brings it forward. */
const gatedScripts = fc
  .tuple(
    fc.constantFrom(...gatedStages),
    fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            ...{ do: fc.constant('status' as const), cluster: fc.constantFrom(...names), outcome: outcomes },
            ...{ healthy: fc.constant(true), sync: fc.constant('Synced' as const), refused: fc.constant(0) },
            ...{ stale: fc.constant(false), ahead: fc.constant(0) },
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 30_000) }),
        },
        { weight: 3, arbitrary: gateActions },
        { weight: 1, arbitrary: actions },
      ),
      { minLength: 20, maxLength: 60, size: 'max' },
    ),
  )
  .map(([stages, script]): readonly Action[] => {
    const strategy = { name: 'gated', stages, progressDeadlineMs: 300_000, failureBudget: 1 };
    const bundle = { variant: 'x' as const, objects: 2, dropped: 0 };
    const bundles = Object.fromEntries(names.map((name) => [name, bundle]));
    return [{ do: 'release', strategy, bundles }, ...script];
  });

/** One step of a run. */
export interface Seen {
  readonly before: RolloutState | undefined;
  readonly event: RolloutEvent;
  readonly nowMs: number;
  readonly outcome: ReturnType<typeof decide>;
  /** What git says. */
  readonly newest: ReleaseMade | undefined;
}

function play(script: readonly Action[]): Seen[] {
  const seen: Seen[] = [];
  let state: RolloutState | undefined;
  let nowMs = 0;
  const made: ReleaseMade[] = [];
  for (const [index, action] of script.entries()) {
    if (action.do === 'wait') nowMs = Math.max(0, nowMs + action.ms);
    const event = eventOf(action, state, { index, nowMs, made });
    if (event.kind === 'releaseMade') made.unshift(event);
    const [newest] = made;
    const step = (next: RolloutEvent) => {
      const outcome = decide(state, next, nowMs);
      seen.push({ before: state, event: next, nowMs, outcome, newest });
      state = outcome.next;
      return outcome.effects.some(({ kind }) => kind === 'lookAgain');
    };
    // As the leader does: what waited for the end is looked at again.
    if (step(event) && newest) step(newest);
  }
  return seen;
}

function eventOf(
  action: Action,
  state: RolloutState | undefined,
  at: { index: number; nowMs: number; made: readonly ReleaseMade[] },
): RolloutEvent {
  const present = state?.target.release.digest ?? 'none';
  switch (action.do) {
    case 'release':
      return releaseEvent(action, state, at.index);
    case 'status':
      return statusEvent(action, state, at.nowMs);
    case 'wait':
      return { kind: 'tick' };
    case 'approve':
      return approveEvent(action, state);
    case 'ask':
      return askEvent(action, present, at.made);
    default:
      return gateEvent(action, state);
  }
}

function askEvent(
  { verb, right, past }: Action & { do: 'ask' },
  present: string,
  all: readonly ReleaseMade[],
): RolloutEvent {
  const who = { release: right ? present : 'another', author: 'lena', reason: 'because' };
  const made = all[past];
  if (verb === 'rollbackRequested' && past > 0 && made)
    return { kind: verb, ...who, to: { release: made.release, policy: made.policy } };
  if (verb !== 'startRequested') return { kind: verb, ...who };
  const [newest] = all;
  return newest ? { kind: verb, ...who, made: newest } : { kind: 'tick' };
}

function approveEvent(action: Action & { do: 'approve' }, state: RolloutState | undefined): RolloutEvent {
  const release = action.right ? (state?.target.release.digest ?? 'none') : 'another';
  const consent = { kind: 'deletionsApproved', release, author: 'lena', reason: 'ok' } as const;
  if (action.seen === undefined) return consent;
  const asked = Object.entries(approvalNeeded(state)?.deletions ?? {});
  const deletions = asked.map(([name, count]): [string, number] => [name, count + (action.seen ?? 0)]);
  return { ...consent, deletions: Object.fromEntries(deletions) };
}

function releaseEvent(
  action: Action & { do: 'release' },
  state: RolloutState | undefined,
  index: number,
): RolloutEvent {
  const chosen = Object.entries(action.bundles);
  const bundles = Object.fromEntries(
    chosen.map(([name, b]) => [name, { digest: `${name}-${b.variant}-${b.objects}`, objects: b.objects }]),
  );
  const removals = Object.fromEntries(
    chosen.map(([name, b]) => [name, Math.min(b.dropped, state?.placed[name]?.objects ?? 0)]),
  );
  const release = { digest: `r${index}`, application: 'app', revision: `${index}`, bundles };
  return { kind: 'releaseMade', release, strategy: action.strategy, policy, labels, removals };
}

function statusEvent(
  action: Action & { do: 'status' },
  state: RolloutState | undefined,
  nowMs: number,
): RolloutEvent {
  const placed = state?.placed[action.cluster];
  return {
    kind: 'statusObserved',
    cluster: action.cluster,
    release: placed?.release ?? 'none',
    generation: (placed?.generation ?? 0) + action.ahead,
    sync: action.sync,
    health: action.healthy ? 'Healthy' : 'Degraded',
    message: '',
    ...(action.refused > 0 ? { refusedDeletions: action.refused } : {}),
    observedAtMs: nowMs,
    stale: action.stale,
    ...checksSaid(state, action.cluster, { outcome: action.outcome, nowMs }),
  };
}

/** Asserts a property of every step of many random runs. */
export function holds(check: (step: Seen) => void, runs = 1_000): void {
  fc.assert(
    fc.property(fc.array(actions, { maxLength: 40, size: 'max' }), (script) => {
      for (const step of play(script)) check(step);
    }),
    { numRuns: runs },
  );
}

/** Asserts a property of where many random runs end. */
export function endsSo(check: (last: Seen) => void, runs = 300): void {
  fc.assert(
    fc.property(fc.array(actions, { minLength: 1, maxLength: 40, size: 'max' }), (script) => {
      const last = play(script).at(-1);
      if (last) check(last);
    }),
    { numRuns: runs },
  );
}

/** Asserts a property of every step of many random runs through gates. */
export function holdsAtGates(check: (step: Seen) => void, runs = 500): void {
  fc.assert(
    fc.property(gatedScripts, (script) => {
      for (const step of play(script)) check(step);
    }),
    { numRuns: runs },
  );
}
