import type { Application, Dependency } from '@meridian/fleet';
import { expect, test } from 'vitest';
import type { PlannedApplication } from './fleet-plan.ts';
import { waitNotes, withWaits } from './waits.ts';

const application = (name: string, tier?: string, dependsOn?: readonly Dependency[]): Application => ({
  name,
  labels: {},
  path: `applications/${name}`,
  overlays: ['base'],
  placement: { matchLabels: tier === undefined ? {} : { tier } },
  namespace: name,
  rolloutStrategy: 'by-region',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
  ...(dependsOn ? { dependsOn } : {}),
});
const clusters = [
  { name: 'east', labels: { tier: 'prod' } },
  { name: 'west', labels: { tier: 'canary' } },
];
const lists = { settings: [], placed: [], withdrawn: [], approvals: [], changes: [] };
const changed = (name: string): PlannedApplication => ({ outcome: 'changed', application: name, ...lists });

const waits = (
  planned: readonly PlannedApplication[],
  others: readonly Application[],
  on: readonly Dependency[],
) => {
  const config = { applications: [...others, application('web', undefined, on)], clusters };
  const found = withWaits(planned, config).find((one) => one.application === 'web');
  return found && 'waitsFor' in found ? (found.waitsFor ?? []).flatMap(waitNotes) : [];
};

test('an application that changes says what it waits for, and whether that changes as well', () => {
  const on = [
    { application: 'registry', scope: 'cluster' },
    { application: 'gateway', scope: 'fleet' },
  ] as const;
  const others = [application('registry'), application('gateway')];
  expect(waits([changed('registry'), changed('web')], others, on)).toEqual([
    'waits for registry to be healthy in each cluster; it changes here, and its new release comes first',
    'waits for gateway to be healthy in the whole fleet',
  ]);
});

test('what cannot be rendered, and what does not run where it is waited for, is told', () => {
  const frozen: PlannedApplication = { outcome: 'frozen', application: 'registry', problems: [] };
  const on = [{ application: 'registry', scope: 'cluster' }] as const;
  expect(waits([frozen, changed('web')], [application('registry', 'prod')], on)).toEqual([
    'waits for registry to be healthy in each cluster; it is FROZEN, and nothing is pushed before it is mended',
    'WAITS WITHOUT END in west: registry does not run there',
  ]);
});

test('one that depends on nothing, or does not change, says nothing of it', () => {
  expect(waits([changed('web')], [], [])).toEqual([]);
  const frozen: PlannedApplication = { outcome: 'frozen', application: 'web', problems: [] };
  expect(waits([frozen], [application('registry')], [{ application: 'registry', scope: 'cluster' }])).toEqual(
    [],
  );
});
