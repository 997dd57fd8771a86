import { plain, quiet } from './focus.ts';
import type { Focus } from './focus.ts';
import { gateFocuses } from './gate-focuses.ts';
import { ledgerFocuses } from './ledger-focuses.ts';

/** Every focus. To add one, add a line; `npm run simulate -- --focus NAME` lives through worlds of it. */
export const focuses: readonly Focus[] = [
  ...gateFocuses,
  ...ledgerFocuses,
  {
    name: 'soaks',
    plan: { ...quiet, applications: ['web'], commits: 0, faults: 10 },
    rules: { ...plain, progressDeadlineMs: 25_000 },
    stage: { soakMs: 40_000, mandatory: false },
    changes: [],
    faults: ['make a cluster sick', 'silence an agent for long'],
    verbs: ['resume'],
  },
  {
    name: 'ways back',
    plan: { ...quiet, applications: ['web', 'model'], commits: 7, faults: 5 },
    rules: { ...plain, progressDeadlineMs: 8_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content', 'bad everywhere', 'bad in some clusters', 'mistake', 'join'],
    faults: ['kill a hub', 'pause a hub', 'forget the lock'],
    verbs: ['rollback', 'roll back to a release that is kept', 'approve', 'retry'],
  },
  {
    name: 'agents that stand still',
    plan: { ...quiet, applications: ['web'], commits: 10, faults: 10 },
    rules: { ...plain, progressDeadlineMs: 25_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: ['freeze a cluster'],
    verbs: ['pause in a cluster', 'resume in a cluster'],
  },
  {
    name: 'ways back of sick clusters',
    plan: { ...quiet, applications: ['web'], commits: 5, faults: 10 },
    rules: { ...plain, progressDeadlineMs: 8_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: ['make a cluster sick', 'silence an agent for long'],
    verbs: ['rollback'],
  },
  {
    name: 'deletions',
    plan: { ...quiet, applications: ['web'], commits: 7, faults: 2 },
    rules: { ...plain, progressDeadlineMs: 15_000 },
    stage: { soakMs: 0, mandatory: false },
    changes: ['content', 'drop many objects', 'add objects', 'leave', 'join'],
    faults: ['kill a hub'],
    verbs: ['approve another release'],
  },
  {
    name: 'losses',
    plan: { ...quiet, applications: ['web'], commits: 4, faults: 6, losesLedger: true },
    rules: { ...plain, progressDeadlineMs: 15_000 },
    stage: { soakMs: 0, mandatory: false },
    changes: ['content'],
    faults: ['lose the ledger', 'put the ledger back to a backup', 'kill a hub'],
    verbs: ['resume'],
  },
  {
    name: 'lost claims',
    plan: { ...quiet, applications: ['web'], commits: 1, faults: 1 },
    rules: { ...plain, progressDeadlineMs: 15_000 },
    stage: { soakMs: 0, mandatory: false },
    changes: ['content'],
    faults: ['lose the ledger that a hub has just claimed'],
    verbs: ['resume'],
  },
  {
    name: 'leaders that die',
    plan: {
      ...quiet,
      weather: { loss: 0.1, repeats: 0.02, slow: 0.05 },
      applications: ['web', 'model'],
      commits: 7,
      faults: 16,
    },
    rules: { ...plain, progressDeadlineMs: 15_000 },
    stage: { soakMs: 0, maxConcurrent: 2, mandatory: false },
    changes: ['content'],
    faults: ['kill a hub', 'cut a hub from NATS'],
    verbs: ['resume'],
  },
];

/** The focus of a name; throws for a name that none has. */
export function focusOf(name: string): Focus {
  const focus = focuses.find((one) => one.name === name);
  if (focus) return focus;
  throw new TypeError(`there is no focus ${name}; there are ${focuses.map((one) => one.name).join(', ')}`);
}

/** Those of some things that a focus names; without a focus all but those that only a focus brings. */
export function among<T extends { readonly name: string; readonly isOfFocus?: true }>(
  things: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  return things.filter(({ name, isOfFocus }) => (names ? names.includes(name) : isOfFocus !== true));
}
