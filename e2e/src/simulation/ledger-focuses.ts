import { plain, quiet } from './focus.ts';
import type { Focus } from './focus.ts';

/** Worlds that are mostly about who leads, what is left of the ledger, and what agents keep of it. */
export const ledgerFocuses: readonly Focus[] = [
  {
    name: 'two claims',
    plan: {
      ...quiet,
      applications: ['web'],
      commits: 9,
      faults: 10,
    },
    rules: { ...plain, progressDeadlineMs: 20_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: [
      'let the ledger refuse some writes for a while',
      'forget the lock again and again',
      'kill a hub',
    ],
    verbs: ['resume'],
  },
  {
    name: 'leaders without the lock',
    plan: { ...quiet, hubs: ['hub-1', 'hub-2'], applications: ['web'], commits: 0, faults: 3 },
    rules: { ...plain, progressDeadlineMs: 25_000 },
    stage: { soakMs: 40_000, maxConcurrent: '100%', mandatory: false },
    changes: [],
    faults: ['keep a hub from Redis for long'],
    // Most of them say nothing here, so that the ledger is silent for long enough.
    verbs: ['pause', 'resume', 'approve', 'retry', 'start', 'release a hold', 'breakGlass'],
  },
  {
    name: 'lost disks',
    plan: {
      ...quiet,
      applications: ['web'],
      commits: 12,
      faults: 16,
      lag: 40,
      hasLargeBundles: true,
    },
    rules: { ...plain, progressDeadlineMs: 20_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: ['replace an agent without its disk', 'kill a hub', 'pause an agent'],
    verbs: ['pause in a cluster', 'resume in a cluster'],
  },
  {
    name: 'signed anew',
    plan: {
      ...quiet,
      hubs: ['hub-1', 'hub-2'],
      applications: ['web'],
      commits: 1,
      faults: 30,
      calmAtMs: 120_000,
      lag: 60,
      hasLargeBundles: true,
    },
    rules: { ...plain, progressDeadlineMs: 20_000 },
    stage: { soakMs: 0, maxConcurrent: '100%', mandatory: false },
    changes: ['content'],
    faults: ['replace an agent without its disk', 'kill a hub'],
    verbs: ['pause in a cluster', 'resume in a cluster'],
  },
  {
    name: 'two copies',
    plan: { ...quiet, applications: ['web'], commits: 14, faults: 12 },
    rules: { ...plain, progressDeadlineMs: 20_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: ['kill an agent whose two copies differ'],
    verbs: ['resume'],
  },
  {
    name: 'other ledgers',
    plan: { ...quiet, applications: ['web'], commits: 9, faults: 8, losesLedger: true },
    rules: { ...plain, progressDeadlineMs: 20_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: [
      'lose the ledger while nobody hears of an agent',
      'lose the ledger and the terms while nobody hears of any agent',
      'kill a hub',
    ],
    verbs: ['resume'],
  },
  {
    name: 'idle leaders',
    plan: { ...quiet, applications: ['web'], commits: 0, faults: 0, losesLedger: true, calmAtMs: 40_000 },
    rules: { ...plain, progressDeadlineMs: 20_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: [],
    faults: [],
    verbs: ['resume'],
  },
];
