import { isObject, itemsAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { amountsOf } from '../pod-requests.ts';
import type { Amounts } from '../pod-requests.ts';
import { meets } from '../selecting.ts';

/** Why a pod does not fit on a node. */
export interface Misfit {
  /** In the words of the scheduler's plugins. */
  readonly reasons: readonly string[];
  /** Whether the node would do if other pods left it. */
  readonly resolvable: boolean;
}

/** Why the node does not take the pod whatever it has room for, in the words of the scheduler; undefined when it does. */
export function nodeRefusal(pod: KubeObject, node: KubeObject): string | undefined {
  const spec = objectAt(node, 'spec') ?? {};
  const tolerations = itemsAt(pod, 'spec', 'tolerations').filter(isObject);
  const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (spec['unschedulable'] === true && !tolerations.some((one) => tolerates(one, unschedulable))) {
    return 'node(s) were unschedulable';
  }
  const keepsOut = (taint: JsonObject) =>
    taint['effect'] !== 'PreferNoSchedule' && !tolerations.some((given) => tolerates(given, taint));
  if (itemsAt(spec, 'taints').filter(isObject).some(keepsOut)) return 'node(s) had untolerated taint(s)';
  return isWanted(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

/** The same as a misfit. */
export function nodeMisfit(pod: KubeObject, node: KubeObject): Misfit | undefined {
  const refusal = nodeRefusal(pod, node);
  return refusal === undefined ? undefined : { reasons: [refusal], resolvable: false };
}

/** Which resources of a node are short for what a pod asks for; undefined when none is. */
export function shortages(requests: Amounts, used: Amounts, node: KubeObject): Misfit | undefined {
  const allocatable = amountsOf(objectAt(node, 'status', 'allocatable'));
  const short = [...requests].filter(
    ([name, amount]) => amount > 0n && amount > (allocatable.get(name) ?? 0n) - (used.get(name) ?? 0n),
  );
  if (short.length === 0) return undefined;
  return {
    reasons: short.map(([name]) => (name === 'pods' ? 'Too many pods' : `Insufficient ${name}`)),
    resolvable: short.every(([name, amount]) => amount <= (allocatable.get(name) ?? 0n)),
  };
}

/** Whether a toleration puts up with a taint. */
export function tolerates(toleration: JsonObject, taint: JsonObject): boolean {
  const named = (field: string) => textAt(toleration, field) ?? '';
  const meant = (field: string) => named(field) === '' || named(field) === taint[field];
  if (!meant('effect') || !meant('key')) return false;
  return named('operator') === 'Exists' || named('value') === (textAt(taint, 'value') ?? '');
}

/** Whether the pod's node selector and required node affinity take the node. */
export function isWanted(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(textsAt(pod, 'spec', 'nodeSelector'));
  if (!selector.every(([name, value]) => labels[name] === value)) return false;
  const required = objectAt(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  if (required === undefined) return true;
  const terms = itemsAt(required, 'nodeSelectorTerms').filter(isObject);
  return terms.some((term) => takes(term, node));
}

/** A term without requirements takes nothing. */
function takes(term: JsonObject, node: KubeObject): boolean {
  const byLabel = itemsAt(term, 'matchExpressions').filter(isObject);
  const byField = itemsAt(term, 'matchFields').filter(isObject);
  if (byLabel.length + byField.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields: Record<string, string> = { 'metadata.name': node.metadata.name ?? '' };
  return byLabel.every((one) => meets(one, labels)) && byField.every((one) => meets(one, fields));
}
