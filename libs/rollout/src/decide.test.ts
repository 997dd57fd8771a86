import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from './codec.ts';
import { decide } from './decide.ts';
import { isLeft, isSameContent } from './content.ts';
import { failedClusters, isMoving, presentStage } from './moving.ts';
import { approvalReasons } from './plan.ts';
import { endsSo, holds, labels, names, policy, strategies } from './random-runs.test-support.ts';
import type { Seen } from './random-runs.test-support.ts';
import { leavesOf, refusals } from './refusals.ts';
import type { RolloutState } from './state.ts';
import { stoppedBy } from './stopped.ts';
import { wakeAtMs } from './view.ts';

/** What a person granted the cluster by the event of this step, of what it refuses. */
function grantedBy({ before, event }: Seen, cluster: string): number {
  if (event.kind !== 'deletionsApproved' || before?.phase === 'waiting') return 0;
  return Math.min(event.deletions?.[cluster] ?? 0, before?.placed[cluster]?.refused ?? 0);
}

/** Stages whose gate was passed in this step. */
function justPassed({ before, outcome: { next } }: Seen) {
  const isSame = before?.target.number === next?.target.number;
  return (next?.stages ?? []).filter(
    ({ phase }, index) => phase === 'passed' && !(isSame && before?.stages[index]?.phase === 'passed'),
  );
}

const assignments = (step: Seen) => step.outcome.effects.filter((effect) => effect.kind === 'assign');

describe('decide', () => {
  it('never has two stages active', () => {
    holds(({ outcome: { next } }) => {
      const active = (next?.stages ?? []).filter(
        (stage) => stage.phase === 'progressing' || stage.phase === 'soaking',
      );
      expect(active.length).toBeLessThanOrEqual(1);
    });
  });

  it('only ever raises the generation of a cluster, and by every assignment', () => {
    holds((step) => {
      const raised = new Map(
        Object.entries(step.before?.placed ?? {}).map(([name, placed]) => [name, placed.generation]),
      );
      for (const assignment of assignments(step)) {
        expect(assignment.generation).toBeGreaterThan(raised.get(assignment.cluster) ?? 0);
        raised.set(assignment.cluster, assignment.generation);
      }
      for (const [name, placed] of Object.entries(step.outcome.next?.placed ?? {})) {
        expect(placed.generation).toBeGreaterThanOrEqual(raised.get(name) ?? 0);
      }
    });
  });

  it('starts a stage only with evidence, or a failure within the budget, for every cluster of the stages before', () => {
    holds((step) => {
      const { next } = step.outcome;
      if (!next || next.phase === 'waiting') return;
      const firstOpen = next.stages.findIndex((stage) => stage.phase !== 'passed');
      const begun = next.stages.findLastIndex((stage) =>
        stage.clusters.some((cluster) => cluster.phase === 'assigned' || cluster.phase === 'failed'),
      );
      if (firstOpen >= 0) expect(begun).toBeLessThanOrEqual(firstOpen);
      // Later a cluster may be told the same again, one generation above what its agent had seen.
      for (const stage of justPassed(step)) {
        for (const cluster of stage.clusters) {
          if (cluster.phase === 'failed') continue;
          const placed = next.placed[cluster.name];
          expect(cluster.evidence).toMatchObject({
            release: placed?.release,
            generation: cluster.generation,
          });
          expect(placed?.bundle).toBe(next.target.release.bundles[cluster.name]?.digest);
        }
      }
    });
  });

  it('never has more clusters in flight than the stage allows', () => {
    holds(({ before, outcome: { next } }) => {
      // A healthy cluster that lapses counts as in flight again, so only what is newly assigned is held to the limit.
      if (next?.phase !== 'progressing' || next.target.number === before?.target.number) return;
      for (const stage of next.stages) {
        const inFlight = stage.clusters.filter((cluster) => cluster.phase === 'assigned').length;
        expect(inFlight).toBeLessThanOrEqual(stage.maxConcurrent);
      }
    });
  });

  it('assigns nothing while halted or waiting until a person or a newer release moves it', () => {
    holds((step) => {
      if (step.before?.phase !== 'halted' && step.before?.phase !== 'waiting') return;
      if (step.event.kind === 'statusObserved' || step.event.kind === 'tick')
        expect(assignments(step)).toEqual([]);
    });
  });

  it('moves no cluster past the deletion budget without an approval of that very release', () => {
    holds((step) => {
      const { next } = step.outcome;
      if (assignments(step).length === 0 || !next) return;
      const start = step.event.kind === 'releaseMade' ? (step.before?.placed ?? {}) : undefined;
      const isOver = start !== undefined && approvalReasons(next.target, start).length > 0;
      const wasRemoval = Object.keys(next.target.removals).some(
        (cluster) => next.target.release.bundles[cluster] === undefined,
      );
      if (isOver || wasRemoval) expect(next.target.approval?.release).toBe(next.target.release.digest);
    });
  });

  it('allows no agent more deletions than the budget of what it may hold, or what was approved', () => {
    holds((step) => {
      const held = (cluster: string) => step.before?.placed[cluster]?.held ?? 0;
      for (const { cluster, allowedDeletions } of assignments(step)) {
        const { approval, removals } = step.outcome.next!.target;
        const most = Math.max(Math.floor(held(cluster) / 2), approval ? (removals[cluster] ?? 0) : 0);
        expect(allowedDeletions).toBeLessThanOrEqual(Math.max(most, grantedBy(step, cluster)));
      }
    });
  });

  it('never passes a gate with a cluster that refuses to delete', () => {
    holds((step) => {
      for (const { clusters } of justPassed(step)) {
        const unfailed = clusters.filter(({ phase }) => phase !== 'failed');
        for (const { name } of unfailed) expect(step.outcome.next?.placed[name]?.refused).toBeUndefined();
      }
    });
  });

  it('takes no report of a cluster that refuses for one of health', () => {
    holds(({ before, event, outcome: { next } }) => {
      if (event.kind !== 'statusObserved' || (event.refusedDeletions ?? 0) === 0) return;
      const healthy = (state: RolloutState | undefined) =>
        (state?.stages ?? [])
          .flatMap((stage) => stage.clusters)
          .filter((cluster) => cluster.name === event.cluster && cluster.phase === 'healthy').length;
      expect(healthy(next)).toBeLessThanOrEqual(healthy(before));
    });
  });

  it('assigns by an approval only clusters that it names, with leave for no more than they refuse', () => {
    holds((step) => {
      const { before, event } = step;
      if (event.kind !== 'deletionsApproved' || !before || before.phase === 'waiting') return;
      const refused = refusals(before);
      const again = assignments(step).filter(({ cluster }) => refused[cluster] !== undefined);
      for (const { cluster, generation, allowedDeletions } of again) {
        expect(allowedDeletions).toBe(refused[cluster]);
        expect(allowedDeletions).toBeLessThanOrEqual(event.deletions?.[cluster] ?? 0);
        expect(generation).toBeGreaterThan(before.placed[cluster]?.generation ?? 0);
        expect(refusals(step.outcome.next!)[cluster]).toBeUndefined();
      }
      const known = leavesOf(before);
      const noted = [...leavesOf(step.outcome.next!).keys()].filter((cluster) => !known.has(cluster));
      if (again.length + noted.length === 0) expect(step.outcome.next).toBe(before);
    });
  });

  it('assigns nothing, fails nobody and passes nothing while a person has paused it', () => {
    holds((step) => {
      const { before, event, outcome } = step;
      if (!before || !isMoving(before) || !before.paused) return;
      if (!['statusObserved', 'tick', 'releaseMade', 'deletionsApproved'].includes(event.kind)) return;
      expect(assignments(step)).toEqual([]);
      expect(failedClusters(outcome.next!).length).toBeLessThanOrEqual(failedClusters(before).length);
      if (event.kind !== 'releaseMade') expect(justPassed(step)).toEqual([]);
    });
  });

  it('never goes back from a rollback by itself', () => {
    holds(({ before, event, outcome: { next } }) => {
      if (before?.phase !== 'rollingBack' || next?.phase !== 'rollingBack') return;
      if (event.kind === 'statusObserved' || event.kind === 'tick')
        expect(next.target.number).toBe(before.target.number);
    });
  });

  it('gives no cluster what the fleet was taken back from, until a person or another release says so', () => {
    holds((step) => {
      const { before, event } = step;
      if (!before?.pin || event.kind === 'startRequested') return;
      if (event.kind === 'releaseMade' && !isLeft(before.pin, event)) return;
      for (const { cluster, bundle } of assignments(step))
        expect(bundle).toBe(before.target.release.bundles[cluster]?.digest);
    });
  });

  it('pushes to no cluster that a window stops, but on the way back or when a person broke the glass', () => {
    holds((step) => {
      const { outcome, nowMs } = step;
      const next = outcome.next;
      if (!next || !isMoving(next) || next.target.windowsBroken) return;
      for (const { cluster, bundle } of assignments(step)) {
        const isStopped = stoppedBy(next, cluster, nowMs) !== undefined;
        expect(bundle !== undefined && isStopped).toBe(false);
      }
    });
  });

  it('has nothing to do but with a new state, for the leader drops it otherwise', () => {
    holds(({ before, outcome: { next, effects } }) => {
      if (next === before) expect(effects).toEqual([]);
    });
  });

  it('is never due at once again after it was looked at, for the leader would not sleep', () => {
    holds(({ nowMs, outcome: { next } }) => {
      const { next: after } = decide(next, { kind: 'tick' }, nowMs);
      expect(wakeAtMs(after) ?? Infinity).toBeGreaterThan(nowMs);
    });
  });

  it('has every cluster of its stages at the release that it went back to', () => {
    holds(({ outcome: { next } }) => {
      if (next?.phase !== 'rolledBack') return;
      const { release, order } = next.target;
      for (const name of (order ?? []).flatMap(({ clusters }) => clusters)) {
        const there = release.bundles[name]?.digest;
        if (there !== undefined) expect(next.placed[name]?.bundle).toBe(there);
      }
    });
  });

  it('never forgets what git says: it is the target, is pinned out, waits for its turn, or says nothing else', () => {
    holds(({ newest, outcome: { next, effects } }) => {
      if (!newest || !next || effects.some(({ kind }) => kind === 'lookAgain')) return;
      const { digest } = newest.release;
      const known = [next.target.release.digest, next.queued?.release, next.pin?.release];
      expect(known.includes(digest) || isSameContent(next, newest)).toBe(true);
    });
  });

  it('gives the same outcome again, also from a state that went through the ledger', () => {
    holds(({ before, event, nowMs, outcome }) => {
      const stored = before ? decodeState(encodeState(before)) : undefined;
      const replayed = decide(stored?.ok ? stored.state : undefined, event, nowMs);
      expect(replayed).toEqual(outcome);
    });
  });

  it('changes nothing when the last event is repeated, but for a release that came between', () => {
    holds(({ event, nowMs, outcome }) => {
      if (
        event.kind === 'statusObserved' &&
        event.generation > (outcome.next?.placed[event.cluster]?.generation ?? 0)
      )
        return;
      const again = decide(outcome.next, event, nowMs);
      expect(again.next).toEqual(outcome.next);
      expect(again.effects).toEqual([]);
    });
  });

  it('gives a reason for everything it does', () => {
    holds((step) => {
      if (step.outcome.next !== step.before) expect(step.outcome.reason).not.toBe('');
      if (step.outcome.next) expect(step.outcome.next.reason).not.toBe('');
    });
  });

  it('comes to an end, or to a person, from anywhere once every cluster that is assigned reports health', () => {
    endsSo(({ outcome, nowMs: startMs }) => {
      let state = outcome.next;
      for (let nowMs = startMs; nowMs < startMs + 3 * 3_600_000; nowMs += 60_000) {
        if (!state || !isMoving(state) || state.paused) return;
        if (presentStage(state)?.clusters.length === 0) return;
        for (const cluster of Object.keys(state.placed)) state = wellAt(state, cluster, nowMs);
        state = decide(state, { kind: 'tick' }, nowMs).next;
      }
      expect(state?.phase).not.toMatch(/progressing|rollingBack/);
    });
  });

  it('completes the first release when every cluster that is assigned reports health', () => {
    fc.assert(
      fc.property(strategies, fc.subarray([...names], { minLength: 1 }), (strategy, chosen) => {
        fc.pre(chosen.includes('a') || strategy.stages.every(({ mandatory }) => mandatory !== true));
        const bundles = Object.fromEntries(chosen.map((name) => [name, { digest: `${name}-x`, objects: 2 }]));
        const release = { digest: 'r', application: 'app', revision: '1', bundles };
        const { start: _, ...automatic } = strategy;
        const made = { kind: 'releaseMade', release, strategy: automatic, policy, labels } as const;
        let state = decide(undefined, { ...made, removals: {} }, 0).next;
        for (let nowMs = 1_000; nowMs < 3_600_000 && state?.phase === 'progressing'; nowMs += 10_000) {
          for (const cluster of chosen) state = wellAt(state, cluster, nowMs);
          state = decide(state, { kind: 'tick' }, nowMs).next;
        }
        expect(state?.phase).toBe('completed');
      }),
    );
  });
});

/** The state once a cluster has reported health at what it was given. */
function wellAt(state: RolloutState | undefined, cluster: string, nowMs: number): RolloutState | undefined {
  const { release = '', generation = 0 } = state?.placed[cluster] ?? {};
  return decide(
    state,
    {
      kind: 'statusObserved',
      cluster,
      release,
      generation,
      sync: 'Synced',
      health: 'Healthy',
      message: '',
      observedAtMs: nowMs,
      stale: false,
    },
    nowMs,
  ).next;
}
