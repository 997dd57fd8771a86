import type { Gvk } from '../resources/id.ts';
import { byUtf8 } from '../values/json.ts';

/** Kinds that come before all others, in this order; the default of kustomize's legacy sort. */
export const firstKinds: readonly string[] = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];

/** Kinds that come after all others, in this order. */
export const lastKinds: readonly string[] = [
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

/** Ranks of kinds: below 0 for the first ones, above 0 for the last ones; a kind that is not here has rank 0. */
export function kindRanks(first: readonly string[], last: readonly string[]): ReadonlyMap<string, number> {
  return new Map([
    ...first.map((kind, index): [string, number] => [kind, index - first.length]),
    ...last.map((kind, index): [string, number] => [kind, index + 1]),
  ]);
}

/** Text by which kinds of one rank are compared: group, version, kind; what is empty sorts late (Gvk.stableSortString). */
export function gvkSortText({ group, version, kind }: Gvk): string {
  return `${group === '' ? '~G' : group}_${version === '' ? '~V' : version}_${kind === '' ? '~K' : kind}`;
}

const defaultRanks = kindRanks(firstKinds, lastKinds);

/** The order in which kustomize goes through the parts of its configuration (resid.Gvk.IsLessThan). */
export function compareGvks(left: Gvk, right: Gvk): number {
  const ranks = (defaultRanks.get(left.kind) ?? 0) - (defaultRanks.get(right.kind) ?? 0);
  return ranks === 0 ? byUtf8(gvkSortText(left), gvkSortText(right)) : ranks;
}
