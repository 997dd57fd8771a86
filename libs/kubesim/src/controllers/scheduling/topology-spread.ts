import { isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { takesLabels } from '../selecting.ts';
import { isWanted } from './node-fit.ts';
import type { Misfit } from './node-fit.ts';
import type { Neighbourhood } from './pod-affinity.ts';

const words = "node(s) didn't match pod topology spread constraints";

/** Why a pod may not be on a node because pods would be spread too unevenly (plugins/podtopologyspread). */
export function spreadMisfit(pod: KubeObject, node: KubeObject, around: Neighbourhood): Misfit | undefined {
  const constraints = itemsAt(pod, 'spec', 'topologySpreadConstraints')
    .filter(isObject)
    .filter((one) => textAt(one, 'whenUnsatisfiable') !== 'ScheduleAnyway');
  for (const constraint of constraints) {
    const place = placeOf(constraint, node);
    if (place === undefined) return { reasons: [`${words} (missing required label)`], resolvable: false };
    const counts = countsByPlace(pod, constraints, { constraint, around });
    const least = leastOf(constraint, counts);
    const self = takesLabels(selectorOf(constraint, pod), pod.metadata.labels) ? 1 : 0;
    const skew = (counts.get(place) ?? 0) + self - least;
    if (skew > (numberAt(constraint, 'maxSkew') ?? 1)) return { reasons: [words], resolvable: true };
  }
  return undefined;
}

function placeOf(constraint: JsonObject, { metadata }: KubeObject): string | undefined {
  return metadata.labels?.[textAt(constraint, 'topologyKey') ?? ''];
}

function leastOf(constraint: JsonObject, counts: ReadonlyMap<string, number>): number {
  const needed = numberAt(constraint, 'minDomains') ?? 1;
  return counts.size < needed || counts.size === 0 ? 0 : Math.min(...counts.values());
}

/** How many pods that count are in each place that the pod may be in. */
function countsByPlace(
  pod: KubeObject,
  constraints: readonly JsonObject[],
  { constraint, around }: { readonly constraint: JsonObject; readonly around: Neighbourhood },
): ReadonlyMap<string, number> {
  const honours = textAt(constraint, 'nodeAffinityPolicy') !== 'Ignore';
  const selector = selectorOf(constraint, pod);
  const eligible = [...around.nodes].filter(
    ([, node]) =>
      constraints.every((one) => placeOf(one, node) !== undefined) && (!honours || isWanted(pod, node)),
  );
  const places = new Map(eligible.map(([name, node]) => [name, placeOf(constraint, node) ?? '']));
  const counts = new Map([...places.values()].map((place) => [place, 0]));
  for (const { pod: other, node } of around.placed) {
    const place = places.get(node);
    const isHere = place !== undefined && isCounted(other, pod, selector);
    if (isHere) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

function isCounted(other: KubeObject, pod: KubeObject, selector: JsonObject | undefined): boolean {
  const { namespace, labels, deletionTimestamp } = other.metadata;
  const isThere = deletionTimestamp === undefined && namespace === pod.metadata.namespace;
  return isThere && takesLabels(selector, labels);
}

/** The selector, narrowed to the pod's own values of some labels. */
function selectorOf(constraint: JsonObject, { metadata }: KubeObject): JsonObject | undefined {
  const selector = objectAt(constraint, 'labelSelector');
  const keys = itemsAt(constraint, 'matchLabelKeys').filter((key) => typeof key === 'string');
  if (selector === undefined || keys.length === 0) return selector;
  const own = keys.flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...selector,
    matchLabels: { ...objectAt(selector, 'matchLabels'), ...Object.fromEntries(own) },
  };
}
