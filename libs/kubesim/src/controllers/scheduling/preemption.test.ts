import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Placed } from './placed-pods.ts';
import { leastHarm, victimsOn, whyNotPreempt } from './preemption.ts';

const podOf = (name: string, priority: number, more: JsonObject = {}): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'ml', labels: { app: name } } },
  ...{ spec: { priority }, status: {}, ...more },
});
const placed = (name: string, priority: number, startTime = '2026-11-24T10:00:00Z'): Placed => ({
  pod: podOf(name, priority, { status: { startTime } }),
  ...{ node: 'node-0', requests: new Map() },
});
const budget = (app: string, disruptionsAllowed: number, more: JsonObject = {}): KubeObject => ({
  ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: app, namespace: 'ml' } },
  ...{ spec: { selector: { matchLabels: { app } } }, status: { disruptionsAllowed, ...more } },
});
const misfit = { reasons: ['Insufficient cpu'], resolvable: true };

/** Who goes for an important pod that needs the room of some others. */
function goes(there: readonly Placed[], budgets: readonly KubeObject[], needed = 1) {
  const fits = (gone: ReadonlySet<Placed>) => (gone.size >= needed ? undefined : misfit);
  const found = victimsOn(podOf('urgent', 100), { node: 'node-0', there, budgets, fits });
  if (!('victims' in found)) return found.reasons;
  return { names: found.victims.map(({ pod }) => pod.metadata.name), violations: found.violations };
}

describe('victims', () => {
  const old = placed('old', 0, '2026-11-24T09:00:00Z');
  const young = placed('young', 0);

  it('are as few as will do, the least important first', () => {
    expect(goes([placed('much', 9), old, young], [])).toEqual({ names: ['young'], violations: 0 });
    expect(goes([placed('much', 9), old, young], [], 2)).toEqual({ names: ['old', 'young'], violations: 0 });
  });

  it('are such as no budget keeps while there are any', () => {
    expect(goes([old, young], [budget('young', 0)])).toEqual({ names: ['old'], violations: 0 });
    expect(goes([old, young], [budget('young', 1)])).toEqual({ names: ['young'], violations: 0 });
    expect(goes([old, young], [budget('young', 0), budget('old', 0)])).toEqual({
      ...{ names: ['young'], violations: 1 },
    });
  });

  it('whose eviction was allowed already violate nothing', () => {
    const disruptedPods = { young: '2026-11-24T10:00:00Z' };
    expect(goes([young], [budget('young', 0, { disruptedPods })])).toMatchObject({ violations: 0 });
  });

  it('are not found among pods of the same priority', () => {
    expect(goes([placed('equal', 100)], [])).toEqual(['No preemption victims found for incoming pod']);
    expect(goes([young], [], 2)).toEqual(['Insufficient cpu']);
  });
});

describe('of several nodes the one is chosen', () => {
  const chosen = (...candidates: readonly (readonly [violations: number, ...victims: Placed[]])[]) =>
    leastHarm(
      candidates.map(([violations, ...victims], index) => ({ node: String(index), violations, victims })),
    )?.node;

  it('where the fewest budgets are violated, whatever goes there', () => {
    expect(chosen([1, placed('a', 0)], [0, placed('b', 9), placed('c', 9)])).toBe('1');
  });

  it('where the most important victim matters least, then their sum', () => {
    expect(chosen([0, placed('a', 5)], [0, placed('b', 4), placed('c', 4)])).toBe('1');
    expect(chosen([0, placed('a', 5), placed('b', -5)], [0, placed('c', 5)])).toBe('1');
  });

  it('where the victims run for the shortest time', () => {
    expect(chosen([0, placed('a', 0, '2026-11-24T09:00:00Z')], [0, placed('b', 0)])).toBe('1');
  });
});

it('a pod takes no other place while pods leave for it', () => {
  const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }];
  const leaving = placed('a', 0);
  leaving.pod.metadata.deletionTimestamp = '2026-11-24T10:00:00Z';
  leaving.pod['status'] = { conditions };
  const urgent = podOf('urgent', 100);
  expect(whyNotPreempt(urgent, [leaving])).toBe(
    'not eligible due to a terminating pod on the nominated node.',
  );
  expect(whyNotPreempt(urgent, [placed('b', 0)])).toBeUndefined();
  expect(whyNotPreempt(podOf('weak', 0), [leaving])).toBeUndefined();
});
