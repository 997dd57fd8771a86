import { isObject, itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { takesLabels } from '../selecting.ts';
import type { Misfit } from './node-fit.ts';
import type { Placed } from './placed-pods.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/** What company and distance are judged by. */
export interface Neighbourhood {
  readonly placed: readonly Placed[];
  readonly nodes: ReadonlyMap<string, KubeObject>;
  /** Labels of a namespace. */
  readonly labelsOf: (namespace: string) => Readonly<Record<string, string>>;
}

/** Whether a pod's place depends on other pods, or theirs on it. */
export function isSociable(pod: KubeObject): boolean {
  const { affinity, topologySpreadConstraints } = objectAt(pod, 'spec') ?? {};
  return topologySpreadConstraints !== undefined || (isObject(affinity) && hasTerms(affinity));
}

function hasTerms(affinity: JsonObject): boolean {
  return affinity['podAffinity'] !== undefined || affinity['podAntiAffinity'] !== undefined;
}

/** Why a pod may not be on a node because of the pods that are around (plugins/interpodaffinity); undefined when it may. */
export function companyMisfit(pod: KubeObject, node: KubeObject, around: Neighbourhood): Misfit | undefined {
  if (!hasCompany(pod, node, around)) {
    return { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false };
  }
  const others = around.placed.filter(({ node: name }) => around.nodes.has(name));
  const tooNear = termsOf(pod, 'podAntiAffinity').some((term) =>
    others.some((one) => isNear(term, node, around.nodes.get(one.node)) && takes(term, pod, one.pod, around)),
  );
  if (tooNear) return { reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true };
  const isUnwanted = others.some((one) =>
    termsOf(one.pod, 'podAntiAffinity').some(
      (term) => isNear(term, node, around.nodes.get(one.node)) && takes(term, one.pod, pod, around),
    ),
  );
  return isUnwanted
    ? { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], resolvable: true }
    : undefined;
}

/** Whether a node is near all the pods that a pod needs near. The first of a group that needs itself needs nobody. */
function hasCompany(pod: KubeObject, node: KubeObject, around: Neighbourhood): boolean {
  const terms = termsOf(pod, 'podAffinity');
  if (terms.length === 0) return true;
  if (terms.some((term) => topologyOf(term, node) === undefined)) return false;
  const takesAll = (other: KubeObject) => terms.every((term) => takes(term, pod, other, around));
  const friends = around.placed.filter((one) => takesAll(one.pod));
  if (friends.length === 0) return takesAll(pod);
  return terms.every((term) => friends.some((one) => isNear(term, node, around.nodes.get(one.node))));
}

function termsOf(pod: KubeObject, kind: 'podAffinity' | 'podAntiAffinity'): JsonObject[] {
  return itemsAt(pod, 'spec', 'affinity', kind, required).filter(isObject);
}

function topologyOf(term: JsonObject, node: KubeObject | undefined): string | undefined {
  return node?.metadata.labels?.[textAt(term, 'topologyKey') ?? ''];
}

function isNear(term: JsonObject, node: KubeObject, other: KubeObject | undefined): boolean {
  const place = topologyOf(term, node);
  return place !== undefined && place === topologyOf(term, other);
}

/** Whether a term of a pod is about another one. */
function takes(term: JsonObject, owner: KubeObject, other: KubeObject, { labelsOf }: Neighbourhood): boolean {
  const namespace = other.metadata.namespace ?? '';
  const named = itemsAt(term, 'namespaces');
  const selector = objectAt(term, 'namespaceSelector');
  const isOwn = named.length === 0 && selector === undefined && namespace === owner.metadata.namespace;
  const isThere = isOwn || named.includes(namespace) || takesLabels(selector, labelsOf(namespace));
  return isThere && takesLabels(objectAt(term, 'labelSelector'), other.metadata.labels);
}
