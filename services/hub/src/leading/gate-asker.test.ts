import { decide } from '@meridian/rollout';
import type { GateAnswered, RolloutState, WebhookQuestion } from '@meridian/rollout';
import { systemClock } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { GateAsker } from './gate-asker.ts';
import type { AnswerAtGate } from './inbox.ts';

/** An application that waits for a webhook before its only stage. */
function gated(application: string): RolloutState {
  const gate = {
    kind: 'webhook',
    name: 'change',
    url: `https://${application}.example.com/`,
    intervalMs: 5_000,
  } as const;
  const stage = { name: 'all', clusters: { matchLabels: {} }, maxConcurrent: 1, soakMs: 0, before: [gate] };
  const { next } = decide(
    undefined,
    {
      kind: 'releaseMade',
      release: {
        application,
        digest: 'sha256:aa',
        revision: 'c0ffee',
        bundles: { west: { digest: 'A', objects: 1 } },
      },
      strategy: { name: 'gated', stages: [stage], progressDeadlineMs: 60_000, failureBudget: 0 },
      policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
      labels: {},
      removals: {},
    },
    0,
  );
  if (!next) throw new Error('nothing waits');
  return next;
}

const wait = ({ gate, attempt, target }: WebhookQuestion): GateAnswered => ({
  ...{ kind: 'gateAnswered', rollout: target.number, release: target.release.digest, gate: gate.name },
  ...{ attempt, verdict: 'wait', message: 'not yet' },
});

test('gates that are due again soon hold up no gate that was never asked', async () => {
  const states = new Map(Array.from({ length: 60 }, (_, at) => [`app-${at}`, gated(`app-${at}`)]));
  const asked = new Map<string, number>();
  const answers: AnswerAtGate[] = [];
  let nowMs = 0;
  const asker = new GateAsker(
    (question) => {
      asked.set(question.application, (asked.get(question.application) ?? 0) + 1);
      return Promise.resolve(wait(question));
    },
    { putAnswer: (answer) => answers.push(answer) },
    { ...systemClock, nowMs: () => nowMs },
  );
  // Each takes twice as long as its interval, so that whoever was asked is due again when there is room.
  for (; nowMs < 80_000; nowMs += 10_000) {
    asker.look(states.values(), new AbortController().signal);
    await new Promise((done) => setImmediate(done));
    for (const { application, event } of answers.splice(0)) {
      const { next } = decide(states.get(application), event, nowMs + 10_000);
      if (next) states.set(application, next);
    }
  }
  expect(asked.size).toBe(60);
  expect([...new Set(asked.values())].sort()).toEqual([2, 3]);
});
