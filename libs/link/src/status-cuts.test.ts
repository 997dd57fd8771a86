import type { Drift, ObjectStatus } from '@meridian/fleet';
import { wireLimits } from '@meridian/wire';
import { healthyStatus } from '@meridian/testkit';
import { describe, expect, it } from 'vitest';
import { fitSnapshot, fitStatus } from './fit-snapshot.ts';
import { statusCuts } from './status-cuts.ts';
import { snapshotOf } from './testing/link-rig.ts';

const object = (name: string, health: ObjectStatus['health'], reason = 'because'): ObjectStatus => ({
  key: { group: '', kind: 'Pod', namespace: 'ml', name },
  health,
  reason,
});
const drift = (name: string): Drift => ({
  key: { group: '', kind: 'Pod', namespace: 'ml', name },
  change: 'modified',
  manager: 'kubectl',
  fields: [{ path: '.a', desired: '1', live: '2' }],
  firstSeenMs: 1,
});
const status = healthyStatus('c1', 'a', {
  health: 'Degraded',
  message: 'p3 is broken',
  objects: [
    object('p1', 'Healthy'),
    object('p2', 'Progressing'),
    object('p3', 'Degraded'),
    object('p4', 'Healthy'),
  ],
  drift: [drift('p1'), drift('p2')],
});

describe('the cuts of a status', () => {
  it('leave out healthy reasons, then healthy objects, then reasons, then fields of drift, then the better half again and again', () => {
    const steps = [...statusCuts(status)].map(({ objects, drift: drifts }) => [
      objects.map(({ key, reason }) => `${key.name}${reason === '' ? '' : '!'}`).join(' '),
      drifts.map(({ key, fields }) => `${key.name}${fields.length === 0 ? '' : '!'}`).join(' '),
    ]);
    expect(steps).toEqual([
      ['p1! p2! p3! p4!', 'p1! p2!'],
      ['p1 p2! p3! p4', 'p1! p2!'],
      ['p2! p3!', 'p1! p2!'],
      ['p2 p3', 'p1! p2!'],
      ['p2 p3', 'p1 p2'],
      ['p3', 'p1'],
      ['', ''],
      ['', ''],
    ]);
  });

  it('count all objects in the message, after what was said, and never lose the count to a long message', () => {
    const [whole, ...others] = [...statusCuts({ ...status, message: 'm'.repeat(5_000) })];
    expect(whole?.message).toHaveLength(5_000);
    for (const { message } of others) {
      expect(message).toMatch(/^mmm.*… *; .*of 4 objects.*\(all: 2 Healthy, 1 Progressing, 1 Degraded\)/);
      expect(message.length).toBeLessThanOrEqual(wireLimits.messageChars);
    }
    expect(others.at(-1)?.message).toContain('0 of 4 objects without reasons');
    expect(others.at(-1)?.message).toContain('0 of 2 drifts without fields');
    expect([...statusCuts({ ...status, message: '' })][1]?.message).toMatch(/^the report was too large/);
  });

  it('never touch the verdict and the numbers, and are the same every time', () => {
    for (const cut of statusCuts(status)) {
      const { objects, drift: drifts, message } = status;
      expect({ ...cut, objects, drift: drifts, message }).toEqual(status);
    }
    expect([...statusCuts(status)]).toEqual([...statusCuts(status)]);
  });
});

describe('a message to the hub', () => {
  it('carries a status that fits as it is', () => {
    expect(fitStatus(status)).toBe(status);
    const snapshot = snapshotOf([status]);
    expect(fitSnapshot(snapshot)).toEqual({ snapshot, following: [] });
  });

  it('says so when a list is longer than the wire takes, although its bytes would fit', () => {
    const objects = Array.from({ length: wireLimits.objects + 1 }, (_, index) =>
      object(`p${index}`, 'Healthy', ''),
    );
    const fitted = fitStatus({ ...status, objects: [...objects, object('bad', 'Degraded')] });
    expect(fitted.objects.map(({ key }) => key.name)).toEqual(['bad']);
    expect(fitted.message).toContain(`1 of ${wireLimits.objects + 2} objects`);
  });
});
