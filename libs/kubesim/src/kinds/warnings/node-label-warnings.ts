import { labelValueProblems } from '@meridian/cel';
import { isObject, itemsAt, memberOf, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { textOf } from '../validation/pod/forms.ts';

const deprecated: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods':
    'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** A warning of a label that nodes no longer have, in words made of what is said of it; none of other labels. */
export function deprecatedNodeLabel(key: string, warning: (words: string) => string): string[] {
  const words = memberOf(deprecated, key);
  return words === undefined ? [] : [warning(words)];
}

const needed = 'requiredDuringSchedulingIgnoredDuringExecution';
const wished = 'preferredDuringSchedulingIgnoredDuringExecution';

/** What a server warns of the nodes that a pod wants. */
export function affinityWarnings(affinity: JsonObject, path: string): string[] {
  const terms = objectAt(affinity, needed)?.['nodeSelectorTerms'];
  return [
    ...itemsWithPaths(terms, `${path}.${needed}.nodeSelectorTerms`).flatMap(([term, at]) =>
      termWarnings(term, at, false),
    ),
    ...itemsWithPaths(affinity[wished], `${path}.${wished}`).flatMap(([term, at]) =>
      termWarnings(objectAt(term, 'preference') ?? {}, `${at}.preference`, true),
    ),
  ];
}

function termWarnings(term: JsonObject, path: string, checksValues: boolean): string[] {
  return itemsWithPaths(term['matchExpressions'], `${path}.matchExpressions`).flatMap(([expression, at]) => {
    const key = textOf(expression, 'key');
    const values = checksValues ? itemsAt(expression, 'values').map(String) : [];
    return [
      ...deprecatedNodeLabel(key, (words) => `${at}.key: ${key} is ${words}`),
      ...values.flatMap((value, index) =>
        labelValueProblems(value).map(
          (problem) => `${at}.values[${String(index)}]: ${value} is invalid, ${problem}`,
        ),
      ),
    ];
  });
}

/** What a server warns of how pods are spread. */
export function spreadWarnings(constraints: Json | undefined, path: string): string[] {
  return itemsWithPaths(constraints, path).flatMap(([constraint, at]) => {
    const key = textOf(constraint, 'topologyKey');
    const unselective = `${at}.labelSelector: a null labelSelector results in matching no pod`;
    return [
      ...deprecatedNodeLabel(key, (words) => `${at}.topologyKey: ${key} is ${words}`),
      ...(isObject(constraint['labelSelector']) ? [] : [unselective]),
    ];
  });
}
