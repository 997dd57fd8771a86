import { ApiError, conflictError, notFoundError } from '../errors/api-error.ts';
import { asked, reviewOf, validated } from '../admission/admitted.ts';
import { boundPod } from '../kinds/bound-pod.ts';
import { storeKey } from '../cluster/prepare.ts';
import type { Target, WriteOptions } from '../cluster/target.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { recordUpdate } from '../merge/managed-fields.ts';
import { parseLabelSelector } from '../store/label-selector.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchNamespace } from './objects.ts';
import { writeQuery } from './options.ts';
import { readObject } from './read-body.ts';
import { selectorText } from './selector-text.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST of a binding: puts a pod on a node, once. */
export async function bindPod(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const kind = bodyKind(state, target);
  const { object } = readObject(await exchange.body(), kind, 'Ignore');
  matchNamespace(target, object);
  const options = askedOptions(exchange);
  const review = reviewOf(target, options, undefined);
  const owned = recordUpdate({
    ...{ live: undefined, updated: object, manager: options.manager, subresource: target.subresource },
    ...{ schema: kind.schema, apiVersion: object.apiVersion, resetFields: undefined, nowMs: state.nowMs() },
  });
  const binding = await state.reviewer.pass(asked(review, owned));
  await state.reviewer.pass(validated(review, binding));
  const node = textAt(binding, 'target', 'name') ?? '';
  const from = (live: KubeObject) => {
    const present = textAt(live, 'spec', 'nodeName') ?? '';
    if (present !== '') {
      const why = `pod ${target.name} is already assigned to node "${present}"`;
      throw conflictError({ group: '', name: 'pods/binding' }, target.name, why);
    }
    return boundPod(live, node, state.nowMs());
  };
  // The binding writes more than an update of a pod may: it goes through the status strategy, which keeps less.
  const stored = state.store.get(storeKey(target.resource, target.namespace, target.name));
  if (stored === undefined) throw notFoundError(target.resource, target.name);
  const key = storeKey(target.resource, target.namespace, target.name);
  state.store.commit(key, from(stored), stored.metadata.resourceVersion ?? '');
  exchange.answer(201, done);
}

/** POST of an eviction: deletes a pod unless a disruption budget needs it. */
export async function evictPod(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { object } = readObject(await exchange.body(), bodyKind(state, target), 'Ignore');
  matchNamespace(target, object);
  const review = reviewOf(target, askedOptions(exchange), undefined);
  const eviction = await state.reviewer.pass(asked(review, object));
  await state.reviewer.pass(validated(review, eviction));
  const pod = state.store.get(storeKey(target.resource, target.namespace, target.name));
  if (pod === undefined) throw notFoundError(target.resource, target.name);
  const budgets = state.store
    .list('poddisruptionbudgets.policy', target.namespace)
    .filter((budget) => covers(budget, pod));
  for (const budget of budgets) if (!isSpare(pod) && !sparesUnready(budget, pod)) refuseDisruption(budget);
  const grace = numberAt(eviction, 'deleteOptions', 'gracePeriodSeconds');
  state.remover.remove(
    { ...target, subresource: '' },
    { dryRun: false, isReviewed: true, ...(grace === undefined ? {} : { gracePeriodSeconds: grace }) },
  );
  exchange.answer(201, done);
}

/** How something is asked for that is not stored. */
function askedOptions(exchange: Exchange): WriteOptions {
  const { userAgent } = exchange;
  const query = writeQuery(exchange.query, 'CreateOptions', { userAgent, isApply: false });
  return writeOptionsOf(exchange, query, 'CreateOptions');
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  const selector = objectAt(budget, 'spec', 'selector');
  if (selector === undefined) return false;
  const parsed = parseLabelSelector(selectorText(selector));
  return parsed.ok && parsed.matches(pod.metadata.labels ?? {});
}

/** Whether no budget needs a pod: it has ended, has not begun, or is going. */
function isSpare(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase') ?? '';
  return ['Failed', 'Succeeded', 'Pending'].includes(phase) || pod.metadata.deletionTimestamp !== undefined;
}

/** Whether a budget lets a pod go because it is not ready, which does not count as a disruption. */
function sparesUnready(budget: KubeObject, pod: KubeObject): boolean {
  const ready = itemsAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  if (textAt(ready, 'status') === 'True') return false;
  if (textAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const desired = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
  return desired > 0 && (numberAt(budget, 'status', 'currentHealthy') ?? 0) >= desired;
}

function refuseDisruption(budget: KubeObject): void {
  const name = budget.metadata.name ?? '';
  const observed = numberAt(budget, 'status', 'observedGeneration') ?? 0;
  if (observed < (budget.metadata.generation ?? 0)) {
    throw disruptionError(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if ((numberAt(budget, 'status', 'disruptionsAllowed') ?? 0) > 0) return;
  const needed = String(numberAt(budget, 'status', 'desiredHealthy') ?? 0);
  const healthy = String(numberAt(budget, 'status', 'currentHealthy') ?? 0);
  throw disruptionError(
    `The disruption budget ${name} needs ${needed} healthy pods and has ${healthy} currently`,
    0,
  );
}

function disruptionError(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError("Cannot evict pod as it would violate the pod's disruption budget.", {
    code: 429,
    reason: 'TooManyRequests',
    details: { causes: [{ reason: 'DisruptionBudget', message }], retryAfterSeconds },
  });
}
