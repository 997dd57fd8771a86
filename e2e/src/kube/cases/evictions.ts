import { set, textAt } from '../body.ts';
import type { Body } from '../body.ts';
import { objectPath, sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };

/** What a pod and the budget that selects it say of themselves, as controllers would. */
interface Scene {
  readonly pod?: Body;
  readonly budget?: Body;
  readonly budgetStatus?: Body;
}

interface Stage {
  readonly session: Session;
  readonly pod: string;
  readonly budget: string;
  /** Asks for the eviction of the pod, with more members and more of the path. */
  readonly evict: (more?: Body, query?: string) => Promise<void>;
}

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const unready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
const counts = { observedGeneration: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };
const spare = { ...counts, disruptionsAllowed: 1 };
const none = { ...counts, currentHealthy: 2, disruptionsAllowed: 0 };
const short = { ...none, currentHealthy: 1 };

function evictionCase(
  title: string,
  { pod = ready, budget = {}, budgetStatus = none }: Scene,
  act: (stage: Stage) => Promise<unknown> = ({ evict }) => evict(),
): ContractCase {
  return {
    title: `eviction: ${title}`,
    async run(session) {
      const podSample = sampleOf('Pod');
      const sample = podSample.make(session.namespace);
      // A pod without a node goes at once.
      set(sample, 'spec.nodeName', 'node-1');
      const made = await session.prepare('POST', podSample.path, sample);
      const path = objectPath(podSample, made.body);
      const budgets = `/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets`;
      const whole = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'first' } };
      const selects = { minAvailable: 2, selector: {}, ...budget };
      await session.prepare('POST', budgets, { ...whole, spec: selects });
      await session.prepare('PATCH', `${budgets}/first/status`, { status: budgetStatus }, merge);
      await session.prepare('PATCH', `${path}/status`, { status: pod }, merge);
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: textAt(made.body, 'metadata.name') } };
      const evict: Stage['evict'] = async (more = {}, query = '') =>
        void (await session.ask('POST', `${path}/eviction${query}`, { ...eviction, ...more }));
      await act({ session, pod: path, budget: `${budgets}/first`, evict });
      await session.ask('GET', path);
      await session.ask('GET', `${budgets}/first`);
    },
  };
}

const anotherUid = { preconditions: { uid: 'a3b1c2d3-0000-4000-8000-000000000000' } };

/** Evictions, with what budgets and pods say set by hand. */
export const evictionCases: readonly ContractCase[] = [
  evictionCase('of a pod that its budget can spare, and once more', { budgetStatus: { ...spare, disruptionsAllowed: 2 } }, async ({ evict }) => {
    await evict();
    await evict();
  }),
  evictionCase('of the last pod that a budget can spare', { budgetStatus: { ...spare, conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '', observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }] } }),
  evictionCase('of a pod that its budget cannot spare', {}),
  evictionCase('where a budget has more than it wants and allows nothing', { budgetStatus: { ...counts, disruptionsAllowed: 0 } }),
  evictionCase('where a budget says why it allows nothing', {
    budgetStatus: {
      ...counts,
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'Because', message: 'of this', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  }),
  evictionCase('where counting a budget failed', {
    budgetStatus: {
      ...none,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'of this', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  }),
  evictionCase('where a budget is not counted yet', { budgetStatus: { ...spare, observedGeneration: 0 } }),
  evictionCase('where a second budget selects the pod', { budgetStatus: spare }, async ({ session, budget, evict }) => {
    const whole = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'second' } };
    await session.prepare('POST', budget.replace('/first', ''), { ...whole, spec: { selector: {} } });
    await evict();
  }),
  evictionCase('of a pod that never began, whatever a budget says', { pod: { phase: 'Pending' } }),
  evictionCase('of a pod that has ended, whatever a budget says', { pod: { phase: 'Succeeded' } }),
  evictionCase('of an unready pod where enough are healthy', { pod: unready }),
  evictionCase('of an unready pod where too few are healthy', { pod: unready, budgetStatus: short }),
  evictionCase('of an unready pod that may always go', { pod: unready, budget: { unhealthyPodEvictionPolicy: 'AlwaysAllow' }, budgetStatus: short }),
  evictionCase('of an unready pod by a budget that allows one', { pod: unready, budget: { unhealthyPodEvictionPolicy: 'IfHealthyBudget' }, budgetStatus: { ...short, disruptionsAllowed: 1 } }),
  evictionCase('tried only', { budgetStatus: spare }, ({ evict }) => evict({}, '?dryRun=All')),
  evictionCase('tried only, as its options say', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { dryRun: ['All'] } })),
  evictionCase('tried only where a budget cannot spare it', {}, ({ evict }) => evict({}, '?dryRun=All')),
  evictionCase('tried only where no budget is', {}, async ({ session, budget, evict }) => {
    await session.prepare('DELETE', budget);
    await evict({}, '?dryRun=All');
  }),
  evictionCase('with a grace', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { gracePeriodSeconds: 7 } })),
  evictionCase('at once', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { gracePeriodSeconds: 0 } })),
  evictionCase('of a pod of another uid', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: anotherUid })),
  evictionCase('of a pod of another uid that never began', { pod: { phase: 'Pending' } }, ({ evict }) => evict({ deleteOptions: anotherUid })),
  evictionCase('of a pod that was changed since', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { preconditions: { resourceVersion: '1' } } })),
  evictionCase('of a pod as it is now', { budgetStatus: spare }, async ({ session, pod, evict }) => {
    const found = await session.attempt('GET', pod);
    await evict({ deleteOptions: { preconditions: { uid: textAt(found.body, 'metadata.uid'), resourceVersion: textAt(found.body, 'metadata.resourceVersion') } } });
  }),
  evictionCase('tried only with a condition that fails', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: anotherUid }, '?dryRun=All')),
  evictionCase('of a pod by another name', { budgetStatus: spare }, ({ evict }) => evict({ metadata: { name: 'another' } })),
  evictionCase('by an unknown way', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { propagationPolicy: 'Sideways' } })),
  evictionCase('in a grace below nothing', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { gracePeriodSeconds: -5 } })),
  evictionCase('that ignores what cannot be read', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { ignoreStoreReadErrorWithClusterBreakingPotential: true } })),
  evictionCase('with unknown options of dry runs', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { dryRun: ['Some'] } })),
  evictionCase('with other options of dry runs than the request', { budgetStatus: spare }, ({ evict }) => evict({ deleteOptions: { dryRun: ['Some', 'More'] } }, '?dryRun=All')),
  evictionCase('in the old version', { budgetStatus: spare }, ({ evict }) => evict({ apiVersion: 'policy/v1beta1' })),
  evictionCase('of a pod that is not there', {}, async ({ session, pod }) => {
    const metadata = { name: 'absent' };
    await session.ask('POST', `${pod.replace(/[^/]+$/, 'absent')}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata });
  }),
];
