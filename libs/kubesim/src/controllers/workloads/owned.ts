import { createHash } from 'node:crypto';
import { isObject, itemsAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { ClusterClient, ObjectRef } from '../cluster-client.ts';
import { splitKey } from '../controller.ts';
import { isReady } from '../pod-status.ts';

/** What every dependent of a workload says of its controller. */
export function controllerReference({ apiVersion, kind, metadata }: KubeObject): JsonObject {
  const { name = '', uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The reference to the one owner that controls an object. */
export function controllerOf(object: KubeObject): JsonObject | undefined {
  return itemsAt(object, 'metadata', 'ownerReferences')
    .filter(isObject)
    .find((owner) => owner['controller'] === true);
}

/** The workload of a key when it is there and not on its way out. */
export function workloadAt(
  client: ClusterClient,
  resource: string,
  key: string,
): { ref: ObjectRef; object: KubeObject } | undefined {
  const ref = { resource, ...splitKey(key) };
  const object = client.get(ref);
  return object === undefined || object.metadata.deletionTimestamp !== undefined
    ? undefined
    : { ref, object };
}

/** Whether a pod counts: it is not being deleted and has not ended. */
export function isActive(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase') ?? '';
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Whether a pod is on its way out and has not ended yet. */
export function isTerminating(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase') ?? '';
  return pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Milliseconds until a pod has been ready for so many seconds; 0 when it has, undefined while it is not ready. */
function msUntilAvailable(pod: KubeObject, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const condition = itemsAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  const since = Date.parse(textAt(condition, 'lastTransitionTime') ?? '');
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReadySeconds * 1_000 - nowMs);
}

/** How many of some pods are ready and available, and when one more may be. */
export interface Availability {
  readonly ready: number;
  readonly available: number;
  /** Milliseconds until the next ready pod becomes available. */
  readonly nextMs: number | undefined;
}

/** Counts ready and available pods. */
export function availabilityOf(
  pods: readonly KubeObject[],
  minReadySeconds: number,
  nowMs: number,
): Availability {
  const waits = pods.flatMap((pod) => msUntilAvailable(pod, minReadySeconds, nowMs) ?? []);
  const left = waits.filter((ms) => ms > 0);
  return {
    ready: waits.length,
    available: waits.length - left.length,
    nextMs: left.length > 0 ? Math.min(...left) : undefined,
  };
}

const hashCharacters = 'bcdfghjklmnpqrstvwxz2456789';

/** A hash of a tree that fits into names: stable, of the characters that Kubernetes uses for its own. */
export function nameHash(value: Json, salt = 0): string {
  const digest = createHash('sha256')
    .update(`${String(salt)} ${stableText(value)}`)
    .digest();
  return [...digest.subarray(0, 10)].map((byte) => hashCharacters[byte % hashCharacters.length]).join('');
}

/** JSON with members in order, so that equal trees have equal texts. */
function stableText(value: Json): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** A number or percentage of a total (intstr.GetScaledValueFromIntOrPercent). */
export function scaledValue(value: Json | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = Number.parseInt(typeof value === 'string' ? value : '0', 10);
  const exact = (percent * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** Conditions with one of them set; it keeps its time while its status does not change, and all of it when nothing does. */
export function withCondition(conditions: readonly Json[], wanted: JsonObject, times: JsonObject): Json[] {
  const old = conditions.find((one) => textAt(one, 'type') === wanted['type']);
  const others = conditions.filter((one) => textAt(one, 'type') !== wanted['type']);
  if (!isObject(old)) return [...others, { ...wanted, ...times }];
  const same = (['status', 'reason', 'message'] as const).every((name) => old[name] === wanted[name]);
  if (same) return [...conditions];
  const kept =
    old['status'] === wanted['status'] ? { lastTransitionTime: old['lastTransitionTime'] ?? null } : {};
  return [...others, { ...wanted, ...times, ...kept }];
}
