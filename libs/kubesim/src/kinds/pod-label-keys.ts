import { isObject, itemsAt, objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

const needed = 'requiredDuringSchedulingIgnoredDuringExecution';
const wished = 'preferredDuringSchedulingIgnoredDuringExecution';

/**
 * Adds to the selectors of a pod what it says of others by keys of labels alone: that they have the same value as the pod, or
 * another (mutatePodAffinity and mutateTopologySpreadConstraints of pkg/registry/core/pod).
 */
export function selectByOwnLabels(draft: KubeObject): void {
  const spec = objectAt(draft, 'spec');
  const labels = draft.metadata.labels ?? {};
  for (const field of ['podAffinity', 'podAntiAffinity']) {
    const affinity = objectAt(spec, 'affinity', field);
    const terms = itemsAt(affinity, wished).map((term) => objectAt(term, 'podAffinityTerm') ?? null);
    for (const term of [...terms, ...itemsAt(affinity, needed)]) if (isObject(term)) addOwn(term, labels);
  }
  for (const constraint of itemsAt(spec, 'topologySpreadConstraints')) {
    if (isObject(constraint)) addOwn(constraint, labels);
  }
}

function addOwn(term: JsonObject, labels: Readonly<Record<string, string>>): void {
  const selector = objectAt(term, 'labelSelector');
  if (selector === undefined) return;
  const added = [
    ...requirements(term, 'matchLabelKeys', { operator: 'In', labels }),
    ...requirements(term, 'mismatchLabelKeys', { operator: 'NotIn', labels }),
  ];
  if (added.length > 0) selector['matchExpressions'] = [...itemsAt(selector, 'matchExpressions'), ...added];
}

function requirements(
  term: JsonObject,
  field: string,
  { operator, labels }: { readonly operator: string; readonly labels: Readonly<Record<string, string>> },
): JsonObject[] {
  return itemsAt(term, field).flatMap((key) => {
    const value = typeof key === 'string' ? labels[key] : undefined;
    return typeof key === 'string' && value !== undefined ? [{ key, operator, values: [value] }] : [];
  });
}
