import type { ApprovalGate, JobGate, MetricGate, WebhookGate } from '@meridian/fleet';
import { plain, quiet } from './focus.ts';
import type { Focus } from './focus.ts';
import { approvalGate, mostGood } from './gate-author.ts';
import { usualSystems } from './systems.ts';

const gated = { ...quiet, applications: ['web'], hasGates: true };
const rules = { ...plain, progressDeadlineMs: 25_000 };
const stage = { soakMs: 0, maxConcurrent: '100%', mandatory: false } as const;

const approvals = (name: string, required: number): ApprovalGate => ({
  kind: 'approval',
  name,
  required,
  excludeAuthor: false,
  expiresAfterMs: 60_000,
});

const numbers = (name: string, forMs: number, intervalMs = 1_500): MetricGate => ({
  kind: 'metric',
  name,
  source: 'prometheus',
  query: `${name} release={{release}}`,
  intervalMs,
  max: mostGood,
  aggregate: 'every',
  forMs,
  failAfterMs: 60_000,
  firstInstall: 'pass',
});

const job = (name: string): JobGate => ({
  kind: 'job',
  name,
  spec: { gate: name },
  timeoutMs: 10_000,
  firstInstall: 'pass',
});

const question = (name: string): WebhookGate => ({
  kind: 'webhook',
  name,
  url: 'https://gates.example.com/',
  intervalMs: 2_000,
});

/** Worlds that are mostly about gates of one kind, or about what applications wait for. */
export const gateFocuses: readonly Focus[] = [
  {
    name: 'people',
    plan: { ...gated, commits: 4, faults: 0 },
    rules,
    stage,
    gates: (random, tier) => ({
      before: [approvalGate(random, `${tier}-before`)],
      after: [approvalGate(random, `${tier}-after`)],
    }),
    changes: ['content'],
    faults: [],
    verbs: ['resume', 'retry'],
  },
  {
    name: 'promotions',
    plan: { ...gated, commits: 2, faults: 0 },
    rules,
    stage: { ...stage, soakMs: 40_000 },
    gates: (random, tier) => ({ after: [approvals(`${tier}-after`, random.whole(2, 4))] }),
    changes: ['content'],
    faults: [],
    verbs: ['promote'],
  },
  {
    name: 'other gates',
    plan: { ...gated, commits: 8, faults: 0 },
    rules,
    stage,
    gates: (random, tier) =>
      random.chance(0.5) ? {} : { after: [approvals(`${tier}-after`, random.whole(1, 3))] },
    changes: ['other gates'],
    faults: [],
    verbs: ['resume'],
  },
  {
    name: 'numbers',
    plan: {
      ...gated,
      commits: 3,
      faults: 3,
      systems: { ...usualSystems, spells: ['good', 'bad', 'noNumber', 'nothing'] },
    },
    rules,
    stage,
    gates: (random, tier) => ({
      ...(random.chance(0.5) ? { before: [numbers(`${tier}-before`, 0)] } : {}),
      after: [numbers(`${tier}-after`, random.pick([0, 0, 12_000]))],
    }),
    changes: ['content'],
    faults: ['make a cluster sick'],
    verbs: ['resume', 'retry'],
  },
  {
    name: 'bad numbers',
    plan: {
      ...gated,
      commits: 2,
      faults: 0,
      calmAtMs: 100_000,
      systems: { ...usualSystems, spells: ['good', 'good', 'good', 'bad'] },
    },
    rules,
    stage,
    gates: (_, tier) => ({ after: [numbers(`${tier}-after`, 30_000)] }),
    changes: ['content'],
    faults: [],
    verbs: ['resume'],
  },
  {
    name: 'rare numbers',
    plan: {
      ...gated,
      commits: 1,
      faults: 24,
      calmAtMs: 150_000,
      systems: { ...usualSystems, spells: ['good'] },
    },
    rules: { ...rules, progressDeadlineMs: 60_000 },
    stage,
    gates: (_, tier) => ({ after: [numbers(`${tier}-after`, 20_000, 20_000)] }),
    changes: ['content'],
    faults: ['make a cluster sick'],
    verbs: ['resume'],
  },
  {
    name: 'old numbers',
    plan: {
      ...gated,
      commits: 2,
      faults: 8,
      calmAtMs: 130_000,
      systems: { ...usualSystems, spells: ['good'] },
    },
    rules,
    stage,
    gates: (_, tier) => ({ before: [numbers(`${tier}-before`, 50_000)] }),
    changes: ['content'],
    faults: ['silence an agent for long'],
    verbs: ['resume'],
  },
  {
    name: 'Jobs',
    plan: { ...gated, commits: 9, faults: 0, systems: { ...usualSystems, completed: 0.6 } },
    rules,
    stage,
    gates: (random, tier) => ({
      before: [job(`${tier}-before`)],
      ...(random.chance(0.5) ? { after: [job(`${tier}-after`)] } : {}),
    }),
    changes: ['content'],
    faults: [],
    verbs: ['resume', 'retry'],
  },
  {
    name: 'Jobs of ledgers that are put back',
    plan: {
      ...gated,
      commits: 12,
      faults: 6,
      losesLedger: true,
      systems: { ...usualSystems, completed: 0.9 },
    },
    rules,
    stage,
    gates: (_, tier) => ({ before: [job(`${tier}-before`)] }),
    changes: ['content'],
    faults: ['put the ledger back to a backup'],
    verbs: ['resume', 'retry'],
  },
  {
    name: 'questions',
    plan: {
      ...gated,
      commits: 12,
      faults: 0,
      systems: { ...usualSystems, verdicts: ['pass', 'wait', 'wait', 'fail'] },
    },
    rules,
    stage,
    gates: (random, tier) => ({
      before: [question(`${tier}-before`)],
      ...(random.chance(0.5) ? { after: [question(`${tier}-after`)] } : {}),
    }),
    changes: ['content'],
    faults: [],
    verbs: ['resume', 'retry'],
  },
  {
    name: 'dependencies',
    plan: {
      ...quiet,
      applications: ['web', 'model'],
      hasDependencies: true,
      commits: 6,
      faults: 3,
    },
    rules,
    stage: { ...stage, soakMs: 15_000 },
    changes: ['content', 'join'],
    faults: ['silence an agent for long', 'make a cluster sick'],
    verbs: ['resume', 'retry'],
  },
];
