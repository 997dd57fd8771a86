import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../codec.ts';
import { decide } from '../decide.ts';
import { isMoving } from '../moving.ts';
import { holdsAtGates } from '../random-runs.test-support.ts';
import type { Seen } from '../random-runs.test-support.ts';
import type { GateProgress, RolloutState, StageProgress } from '../state.ts';
import { wakeAtMs } from '../view.ts';
import { checksNeeded, questionsDue } from './checks.ts';
import { gateOf, sides } from './gate-of.ts';
import { freshMs } from './measured.ts';

const gatesOf = (state: RolloutState | undefined): GateProgress[] =>
  (state?.stages ?? []).flatMap((stage) => sides.flatMap((side) => stage[side] ?? []));

/** Gates that were passed in a step, as they were before it. */
function passedNow({ before, outcome: { next } }: Seen): GateProgress[] {
  if (before?.target.number !== next?.target.number) return [];
  const passed = new Set(gatesOf(next).flatMap(({ name, phase }) => (phase === 'passed' ? [name] : [])));
  return gatesOf(before).filter(({ name, phase }) => phase !== 'passed' && passed.has(name));
}

/** The stages of which somebody got the release for the first time in a step. */
function pushedNow({ before, outcome: { next, effects } }: Seen): StageProgress[] {
  if (!next || next.target.back) return [];
  const isSame = before?.target.number === next.target.number;
  const known = isSame ? before.stages.flatMap(({ clusters }) => clusters) : [];
  const pushed = effects
    .flatMap((effect) => (effect.kind === 'assign' ? effect.cluster : []))
    .filter((name) => (known.find((one) => one.name === name)?.phase ?? 'waiting') === 'waiting');
  return next.stages.filter(({ clusters }) => clusters.some(({ name }) => pushed.includes(name)));
}

/** The clusters that a gate after a stage asks and of which nothing was heard in this very step. */
function askedAfter({ before, event }: Seen, gate: string): string[] {
  const stage = before?.stages.find(({ after = [] }) => after.some(({ name }) => name === gate));
  const heard = event.kind === 'statusObserved' && event.checks ? event.cluster : undefined;
  const asked = (stage?.clusters ?? []).filter(({ phase }) => phase !== 'failed');
  return asked.map(({ name }) => name).filter((name) => name !== heard);
}

describe('gates, whatever happens', () => {
  it('let nobody of a stage be pushed to before those in front of it are passed', () => {
    let pushed = 0;
    holdsAtGates((step) => {
      for (const stage of pushedNow(step)) {
        if (!stage.before) continue;
        pushed += 1;
        expect(stage.before.map((gate) => gate.phase)).toEqual(stage.before.map(() => 'passed'));
      }
    });
    expect(pushed).toBeGreaterThan(0);
  });

  it('let no stage pass before those after it are', () => {
    let passed = 0;
    holdsAtGates(({ outcome: { next } }) => {
      for (const { phase, after } of next?.stages ?? []) {
        if (phase !== 'passed' || !after) continue;
        passed += 1;
        expect(after.map((gate) => gate.phase)).toEqual(after.map(() => 'passed'));
      }
    });
    expect(passed).toBeGreaterThan(0);
  });

  it('of numbers are passed by fresh ones of every cluster that is asked, and by nothing else', () => {
    let passed = 0;
    holdsAtGates((step) => {
      for (const progress of passedNow(step)) {
        const gate = step.before && gateOf(step.before.target, progress.name);
        if (gate?.kind !== 'metric') continue;
        passed += 1;
        for (const name of askedAfter(step, gate.name)) {
          const result = progress.results?.[name];
          expect(result).toMatchObject({ phase: 'measured' });
          expect(step.nowMs - (result?.atMs ?? -Infinity)).toBeLessThanOrEqual(freshMs(gate));
        }
      }
    });
    expect(passed).toBeGreaterThan(0);
  });

  it('of people are passed by as many of them as they want, all of whom said so lately', () => {
    let passed = 0;
    holdsAtGates((step) => {
      for (const { name } of passedNow(step)) {
        const { next } = step.outcome;
        const gate = next && gateOf(next.target, name);
        if (gate?.kind !== 'approval') continue;
        passed += 1;
        const given = gatesOf(next).find((one) => one.name === name)?.approvals ?? [];
        expect(new Set(given.map(({ author }) => author)).size).toBe(gate.required);
        for (const { atMs } of given) expect(step.nowMs - atMs).toBeLessThan(gate.expiresAfterMs);
      }
    });
    expect(passed).toBeGreaterThan(0);
  });

  it('change nothing when they are looked at again at the same time', () => {
    holdsAtGates(({ outcome: { next }, nowMs }) => {
      if (!next || !isMoving(next)) return;
      const once = decide(next, { kind: 'tick' }, nowMs).next;
      expect(decide(once, { kind: 'tick' }, nowMs).next).toBe(once);
    });
  });

  it('let the leader sleep, and go on under the next one as they stand', () => {
    holdsAtGates(({ before, event, nowMs, outcome: { next } }) => {
      const { next: after } = decide(next, { kind: 'tick' }, nowMs);
      expect(wakeAtMs(after) ?? Infinity).toBeGreaterThan(nowMs);
      const stored = before && decodeState(encodeState(before));
      if (stored?.ok && next) expect(decide(stored.state, event, nowMs).next).toEqual(next);
    });
  });

  it('ask nobody anything once a rollout is over, goes back or has not begun', () => {
    holdsAtGates(({ outcome: { next }, nowMs }) => {
      if (!next || next.phase === 'progressing') return;
      expect([...checksNeeded(next)]).toEqual([]);
      expect(questionsDue(next, nowMs)).toEqual([]);
    });
  });
});
