import type { ClusterView, FleetView } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { expect, it } from 'vitest';
import { examine } from './doctor.ts';
import type { DoctorPorts } from './doctor.ts';

const fleet: FleetView = {
  hub: { id: 'hub-1', leader: 'hub-2', term: 3, version: '1' },
  source: {
    url: 'x',
    branch: 'main',
    revision: 'c0ffee',
    fetchedAtMs: 1,
    ageMs: 1_000,
    stale: false,
    message: '',
  },
  clusters: { total: 1, connected: 1, stale: 0 },
  applications: { total: 1, synced: 1, healthy: 1, frozen: 0, drifted: 0 },
  problems: [],
};
const cluster = {
  name: 'east',
  labels: {},
  connected: true,
  status: { sourceConnected: true, ageMs: 2_000, kubernetesVersion: 'v1.36.0' },
  applications: 1,
  synced: 1,
  healthy: 1,
  drifted: 0,
} as unknown as ClusterView;
const well: DoctorPorts = {
  fleet: () => fleet,
  clusters: () => [cluster],
  clockSkewMs: () => new Map([['east', 200]]),
  nowMs: () => 0,
  natsConnected: () => true,
  charts: () => ({ kind: 'missing', program: 'helm' }),
  hubHelms: async () => [{ hub: 'hub-1', helm: null }],
  audit: async () => [],
};
const signal = new AbortController().signal;
const failed = async (more: Partial<DoctorPorts>) =>
  (await examine({ ...well, ...more }, signal)).checks.filter(({ ok }) => !ok);

it('finds nothing in a well fleet', async () => {
  expect(await failed({})).toEqual([]);
});

it.each<[string, Partial<DoctorPorts>, string, string]>([
  [
    'no leader',
    { fleet: () => ({ ...fleet, hub: { ...fleet.hub, leader: null } }) },
    'leader',
    'no hub leads',
  ],
  [
    'a stale source',
    { fleet: () => ({ ...fleet, source: { ...fleet.source, stale: true, message: 'no route' } }) },
    'source',
    'no route',
  ],
  [
    'a problem',
    { fleet: () => ({ ...fleet, problems: [{ file: 'f.yaml', line: 3, message: 'broken' }] }) },
    'configuration',
    'f.yaml:3: broken',
  ],
  [
    'a frozen cluster',
    {
      clusters: () =>
        [
          {
            ...cluster,
            status: {
              ...cluster.status,
              limits: { stopped: true, rules: [], freeze: { author: 'lena', reason: 'audit' } },
            },
          },
        ] as ClusterView[],
    },
    'agent east',
    'writes nothing: frozen by lena: audit',
  ],
  [
    'limits that cannot be read',
    {
      clusters: () =>
        [
          {
            ...cluster,
            status: {
              ...cluster.status,
              limits: { stopped: false, rules: [], problem: 'limits.yaml:3: no' },
            },
          },
        ] as ClusterView[],
    },
    'agent east',
    'its own limits cannot be read: limits.yaml:3: no',
  ],
  ['an agent that is gone', { clusters: () => [{ ...cluster, connected: false }] }, 'agent east', 'is gone'],
  [
    'an agent that was never heard',
    { clusters: () => [{ ...cluster, status: null }] },
    'agent east',
    'never heard',
  ],
  [
    'a helm that another hub does not have',
    {
      hubHelms: async () => [
        { hub: 'hub-1', helm: null },
        { hub: 'hub-2', helm: 'v4.1.0' },
      ],
    },
    'charts',
    'hub-2 v4.1.0',
  ],
  ['a wrong clock', { clockSkewMs: () => new Map([['east', -60_000]]) }, 'clocks', 'east is 60 s behind'],
  [
    'a broken ledger',
    { audit: async () => [{ invariant: 'I1', sequence: 7, message: 'term 1 after term 2' }] },
    'ledger',
    'I1 is broken at sequence 7',
  ],
  [
    'an unreadable ledger',
    { audit: () => Promise.reject(new FaultError('timeout', 'slow disk', { retry: 'later' })) },
    'ledger',
    'slow disk',
  ],
])('names %s and says what to do', async (_what, more, name, message) => {
  expect(await failed(more)).toMatchObject([
    { name, message: expect.stringContaining(message), fix: expect.stringMatching(/.+/) },
  ]);
});

it('does not ask the ledger while NATS is away', async () => {
  const audit = () => Promise.reject(new Error('asked'));
  expect((await failed({ natsConnected: () => false, audit })).map(({ name }) => name)).toEqual([
    'nats',
    'ledger',
  ]);
});
