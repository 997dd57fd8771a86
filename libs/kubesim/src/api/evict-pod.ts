import { asked, reviewOf, validated } from '../admission/admitted.ts';
import { storeKey } from '../cluster/prepare.ts';
import { readBack } from '../cluster/read-back.ts';
import type { RemoveOptions } from '../cluster/remover.ts';
import type { Target } from '../cluster/target.ts';
import { ApiError, badRequestError, invalidError, notFoundError } from '../errors/api-error.ts';
import { invalid } from '../errors/field-error.ts';
import { isObject, itemsAt, jsonEqual, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { spendBudget } from './eviction-budgets.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchNamespace, removalOf } from './objects.ts';
import { writeQuery } from './options.ts';
import { readObject } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST of an eviction: deletes a pod unless a disruption budget needs it (pkg/registry/core/pod/storage/eviction.go). */
export async function evictPod(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const kind = { ...bodyKind(state, target), readAlike: 'policy/v1beta1' };
  const { object } = readObject(await exchange.body(), kind, 'Ignore');
  matchNamespace(target, object);
  const { userAgent } = exchange;
  const query = writeQuery(exchange.query, 'CreateOptions', { userAgent, isApply: false });
  checkEviction(target, object);
  const review = reviewOf(target, writeOptionsOf(exchange, query, 'CreateOptions'), undefined);
  const reviewed = await state.reviewer.pass(asked(review, object));
  await state.reviewer.pass(validated(review, reviewed));
  const given = withDryRun(objectAt(object, 'deleteOptions') ?? {}, query.dryRun);
  const dryRun = itemsAt(given, 'dryRun').length > 0;
  const pod = state.store.get(storeKey(target.resource, target.namespace, target.name));
  if (pod === undefined) throw notFoundError(target.resource, target.name);
  if (!isSpare(pod)) spendBudget(state, pod, dryRun);
  removeEvicted(state, target, { pod, given, dryRun });
  exchange.answer(201, done);
}

function checkEviction({ name }: Target, eviction: KubeObject): void {
  if (eviction.metadata.name !== name) {
    throw badRequestError('name in URL does not match name in Eviction object');
  }
  const field = 'ignoreStoreReadErrorWithClusterBreakingPotential';
  if (objectAt(eviction, 'deleteOptions')?.[field] !== true) return;
  const why = 'can not be set for pod eviction, try after removing the option';
  const errors = [invalid(`deleteOptions.${field}`, true, why)];
  throw invalidError({ group: 'policy', kind: 'Eviction' }, name, errors);
}

/** The options of the deletion, with what the request says of dry runs. Throws 500 when the two disagree. */
function withDryRun(given: JsonObject, isTried: boolean): JsonObject {
  const own = itemsAt(given, 'dryRun');
  if (!isTried) return given;
  if (own.length === 0) return { ...given, dryRun: ['All'] };
  if (jsonEqual([...own], ['All'])) return given;
  const words = own.map((one) => (typeof one === 'string' ? one : '')).join(' ');
  throw new ApiError(`Non-matching dry-run options in request and content: [All] and [${words}]`, {
    code: 500,
  });
}

/** Whether no budget needs a pod: it has ended, has not begun, or is going. */
function isSpare(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase') ?? '';
  return ['Failed', 'Succeeded', 'Pending'].includes(phase) || pod.metadata.deletionTimestamp !== undefined;
}

interface Evicted {
  readonly pod: KubeObject;
  readonly given: JsonObject;
  readonly dryRun: boolean;
}

/** Deletes the pod once it says why. What is wrong with the options of the deletion is found only then. */
function removeEvicted(state: ServerState, target: Target, { pod, given, dryRun }: Evicted): void {
  const { resource, namespace, name } = target;
  state.remover.check({ ...target, subresource: '' }, conditionsOf(given));
  const key = storeKey(resource, namespace, name);
  const marked = readBack(withReason(pod, apiTime(state.nowMs())), resource.schema, pod);
  if (!dryRun && !jsonEqual(marked, pod)) {
    state.store.commit(key, marked, pod.metadata.resourceVersion ?? '');
  }
  const options: RemoveOptions = { ...removalOf(given), isReviewed: true };
  const { resourceVersion: _, ...left } = options;
  // A revision that was asked for has been met, and the reason made a new one.
  state.remover.remove({ ...target, subresource: '' }, dryRun ? options : left);
}

function conditionsOf(given: JsonObject): Pick<RemoveOptions, 'uid' | 'resourceVersion'> {
  const uid = textAt(given, 'preconditions', 'uid');
  const resourceVersion = textAt(given, 'preconditions', 'resourceVersion');
  return { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) };
}

/** The pod with the condition that says why it goes; the same pod when it says so. */
function withReason(pod: KubeObject, now: string): KubeObject {
  const said = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
  const condition = { ...said, lastProbeTime: null, message: 'Eviction API: evicting' };
  const status = objectAt(pod, 'status') ?? {};
  const conditions = itemsAt(status, 'conditions').filter(isObject);
  const index = conditions.findIndex(({ type }) => type === said.type);
  const old = conditions[index];
  const lastTransitionTime = old?.['status'] === 'True' ? (old['lastTransitionTime'] ?? now) : now;
  const wanted = { ...condition, lastTransitionTime };
  const next = index < 0 ? [...conditions, wanted] : conditions.with(index, wanted);
  return { ...pod, status: { ...status, conditions: next } };
}
