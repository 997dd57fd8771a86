import { keyText } from '@meridian/manifests';
import type { ObjectKey } from '@meridian/manifests';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPrune } from './index.ts';

const key = (name: string): ObjectKey => ({ group: '', kind: 'ConfigMap', namespace: 'ns', name });
const keys = (...names: readonly string[]) => new Set(names.map((name) => keyText(key(name))));

describe('planPrune', () => {
  it('removes what is not desired any more, last applied first', () => {
    const plan = planPrune([key('a'), key('b'), key('c')], keys('b'), 2);
    expect(plan.remove.map((entry) => entry.name)).toEqual(['c', 'a']);
    expect(plan.kept.map((entry) => entry.name)).toEqual(['b']);
    expect(plan.refused).toEqual([]);
  });

  it('removes nothing when more would go than is allowed', () => {
    const plan = planPrune([key('a'), key('b')], keys(), 1);
    expect(plan.remove).toEqual([]);
    expect(plan.refused).toHaveLength(2);
  });

  it('never removes what is desired or more than is allowed, and loses no entry', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
    fc.assert(
      fc.property(names, names, fc.nat(6), (inventory, desired, allowed) => {
        const plan = planPrune(inventory.map(key), keys(...desired), allowed);
        expect(plan.remove.length).toBeLessThanOrEqual(allowed);
        expect(plan.remove.every((entry) => !keys(...desired).has(keyText(entry)))).toBe(true);
        expect(plan.remove.length + plan.kept.length + plan.refused.length).toBe(inventory.length);
      }),
    );
  });
});
