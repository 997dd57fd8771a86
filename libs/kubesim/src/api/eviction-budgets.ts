import type { Target } from '../cluster/target.ts';
import { ApiError, forbiddenError } from '../errors/api-error.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { parseLabelSelector } from '../store/label-selector.ts';
import { selectorText } from './selector-text.ts';
import type { ServerState } from './server-state.ts';

const budgets = 'poddisruptionbudgets.policy';

/** Pods on their way out that a budget keeps track of (MaxDisruptedPodSize). */
const mostDisrupted = 2_000;

/**
 * Takes the disruption that an eviction is from the budget of a pod, and has the budget remember the pod. Nothing is stored when
 * it is only tried. Throws 429 when the budget cannot spare the pod, and 500 when it has more than one.
 */
export function spendBudget(state: ServerState, pod: KubeObject, dryRun: boolean): void {
  const found = state.store.list(budgets, pod.metadata.namespace).filter((budget) => covers(budget, pod));
  if (found.length > 1) {
    const why =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new ApiError(why, { code: 500 });
  }
  const [budget] = found;
  if (budget === undefined || sparesUnready(budget, pod)) return;
  refuseDisruption(budget);
  if (!dryRun) remember(state, budget, pod);
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  const selector = objectAt(budget, 'spec', 'selector');
  if (selector === undefined) return false;
  const parsed = parseLabelSelector(selectorText(selector));
  return parsed.ok && parsed.matches(pod.metadata.labels ?? {});
}

/** Whether a budget lets a pod go because it is not ready, which does not count as a disruption. */
function sparesUnready(budget: KubeObject, pod: KubeObject): boolean {
  const ready = itemsAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  if (textAt(ready, 'status') === 'True') return false;
  if (textAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const { desired, healthy } = countsOf(budget);
  return desired > 0 && healthy >= desired;
}

function countsOf(budget: KubeObject) {
  const count = (name: string) => numberAt(budget, 'status', name) ?? 0;
  return {
    desired: count('desiredHealthy'),
    healthy: count('currentHealthy'),
    allowed: count('disruptionsAllowed'),
    observed: count('observedGeneration'),
  };
}

function refuseDisruption(budget: KubeObject): void {
  const name = budget.metadata.name ?? '';
  const { observed, allowed } = countsOf(budget);
  if (observed < (budget.metadata.generation ?? 0)) {
    throw disruptionError(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const refused = (why: string) =>
    forbiddenError({ group: 'policy', name: 'poddisruptionbudget' }, name, why);
  if (allowed < 0) throw refused('pdb disruptions allowed is negative');
  if (Object.keys(objectAt(budget, 'status', 'disruptedPods') ?? {}).length > mostDisrupted) {
    throw refused('DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (allowed === 0) throw disruptionError(`The disruption budget ${name} ${whyNone(budget)}`, 0);
}

function whyNone(budget: KubeObject): string {
  const condition = itemsAt(budget, 'status', 'conditions').find(
    (one) => textAt(one, 'type') === 'DisruptionAllowed',
  );
  const none = 'does not allow evicting pods currently';
  const message = textAt(condition, 'status') === 'False' ? (textAt(condition, 'message') ?? '') : '';
  const reason = textAt(condition, 'reason') ?? '';
  if (message !== '' && reason === 'SyncFailed') return `${none} because it failed sync: ${message}`;
  const { desired, healthy } = countsOf(budget);
  if (healthy <= desired) return `needs ${String(desired)} healthy pods and has ${String(healthy)} currently`;
  return message === '' ? none : `${none} (${reason}): ${message}`;
}

function disruptionError(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError("Cannot evict pod as it would violate the pod's disruption budget.", {
    code: 429,
    reason: 'TooManyRequests',
    details: { causes: [{ reason: 'DisruptionBudget', message }], retryAfterSeconds },
  });
}

/** Writes one disruption less and the pod that took it, until the controller has seen it go. */
function remember(state: ServerState, budget: KubeObject, pod: KubeObject): void {
  const resource = state.registry.findStored(budgets);
  if (resource === undefined) return;
  const { namespace = '', name = '' } = budget.metadata;
  const target: Target = { resource, namespace, name, subresource: 'status' };
  const now = apiTime(state.nowMs());
  const options = { manager: 'kube-apiserver', dryRun: false };
  const from = (live: KubeObject) =>
    state.writer.own(target, { ...live, status: spent(live, pod.metadata.name ?? '', now) }, live, options);
  state.writer.update(target, { from }, options);
}

function spent(budget: KubeObject, pod: string, now: string): JsonObject {
  const status = objectAt(budget, 'status') ?? {};
  const disruptionsAllowed = countsOf(budget).allowed - 1;
  const disruptedPods = { ...objectAt(status, 'disruptedPods'), [pod]: now };
  const next: JsonObject = { ...status, disruptionsAllowed, disruptedPods };
  if (disruptionsAllowed > 0) return next;
  const conditions = itemsAt(status, 'conditions');
  const isOwn = (one: (typeof conditions)[number]) => textAt(one, 'type') === 'DisruptionAllowed';
  const old = conditions.find(isOwn);
  const wasFalse = textAt(old, 'status') === 'False';
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: countsOf(budget).observed,
    lastTransitionTime: (wasFalse ? textAt(old, 'lastTransitionTime') : undefined) ?? now,
    reason: 'InsufficientPods',
    message: '',
  };
  const others =
    old === undefined ? [...conditions, condition] : conditions.map((one) => (isOwn(one) ? condition : one));
  return { ...next, conditions: others };
}
