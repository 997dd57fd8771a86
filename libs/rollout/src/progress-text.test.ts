import { expect, test } from 'vitest';
import { progressText, timeText } from './progress-text.ts';
import type { ClusterProgress, Moving, StageProgress } from './state.ts';

const minute = 60_000;
const cluster = (name: string, more: Partial<ClusterProgress>): ClusterProgress => ({
  name,
  phase: 'healthy',
  message: '',
  ...more,
});
const soaking = (more: Partial<StageProgress>): StageProgress => ({
  name: 'first-half',
  phase: 'progressing',
  maxConcurrent: 5,
  soakMs: 15 * minute,
  clusters: [cluster('a', {}), cluster('b', {}), cluster('c', {})],
  ...more,
});
const moving = (stage: StageProgress, more: Partial<Moving> = {}): Moving => ({
  version: 2,
  application: 'web',
  reason: '',
  phase: 'progressing',
  stage: 1,
  stages: [soaking({ name: 'canary', phase: 'passed' }), stage, soaking({ name: 'rest', phase: 'waiting' })],
  target: {
    number: 1,
    release: { application: 'web', digest: 'sha256:aa', revision: 'c0ffee', bundles: {} },
    policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
    strategy: { name: 'plain', stages: [], progressDeadlineMs: 15 * minute, failureBudget: 0 },
    withdrawals: [],
    removals: {},
    dropped: {},
    startedAtMs: 0,
  },
  placed: {},
  history: [],
  kept: [],
  ...more,
});

test('one sentence says how many are healthy, who moves and for how long, who failed and who waits for what', () => {
  const clusters = [
    cluster('us-east-1', {}),
    cluster('us-west-2', { phase: 'assigned', deadlineAtMs: 25 * minute }),
    cluster('eu-1', {
      phase: 'assigned',
      deadlineAtMs: 17 * minute,
      evidence: { release: 'r', generation: 1, observedAtMs: 0 },
    }),
    cluster('eu-2', { phase: 'failed' }),
    cluster('ap-1', { phase: 'waiting' }),
    cluster('ap-2', { phase: 'waiting', message: 'held by omar (a race)' }),
  ];
  expect(progressText(moving(soaking({ clusters })), 14 * minute)).toBe(
    'stage first-half (2 of 3) waits: 1 of 6 clusters is healthy, us-west-2 has moved for 4m of 15m, eu-1 is not healthy any more and has 3m left, eu-2 failed, ap-1 waits for a free place, ap-2 held by omar (a race)',
  );
});

test('a soak counts up, gates say what they wait for, and a pause says whose it is', () => {
  const after = [
    { name: 'qa', phase: 'open', attempt: 1, message: 'waits for 1 approval, and has 0' } as const,
  ];
  const soak = soaking({ phase: 'soaking', soakSinceMs: minute, after });
  expect(progressText(moving(soak), 4 * minute)).toBe(
    'stage first-half (2 of 3) soaks for 3m of 15m: 3 of 3 clusters are healthy; gate qa: waits for 1 approval, and has 0',
  );
  const gated = soaking({ phase: 'gated', soakSinceMs: minute, after });
  expect(progressText(moving(gated), 40 * minute)).toBe(
    'stage first-half (2 of 3) waits: 3 of 3 clusters are healthy; gate qa: waits for 1 approval, and has 0',
  );
  const paused = { author: 'lena', reason: 'lunch', atMs: 0 };
  expect(progressText(moving(gated, { paused }), 0)).toBe(
    'stage first-half (2 of 3) stands still, for lena paused the rollout',
  );
});

test('a length of time is told in its two largest units', () => {
  const texts = [0, 45_000, 4 * minute, 4 * minute + 10_000, 125 * minute, 76 * 60 * minute, -5].map(
    timeText,
  );
  expect(texts).toEqual(['0s', '45s', '4m', '4m 10s', '2h 5m', '3d 4h', '0s']);
});
