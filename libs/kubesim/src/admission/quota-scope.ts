import { isObject, itemsAt, memberOf, numberAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** Whether a quota is about an object: only those with scopes leave some out. */
export function isInScope(quota: KubeObject, resource: string, object: KubeObject): boolean {
  const scopes = [
    ...itemsAt(quota, 'spec', 'scopes').map((scope) => ({ scopeName: scope, operator: 'Exists' })),
    ...itemsAt(quota, 'spec', 'scopeSelector', 'matchExpressions').filter(isObject),
  ];
  if (scopes.length === 0) return true;
  return resource === 'pods' && scopes.every((scope) => fits(scope, object));
}

function fits(scope: JsonObject, pod: KubeObject): boolean {
  switch (textAt(scope, 'scopeName')) {
    case 'Terminating':
      return numberAt(pod, 'spec', 'activeDeadlineSeconds') !== undefined;
    case 'NotTerminating':
      return numberAt(pod, 'spec', 'activeDeadlineSeconds') === undefined;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return hasPriority(scope, textAt(pod, 'spec', 'priorityClassName') ?? '');
    default:
      return false;
  }
}

function hasPriority(scope: JsonObject, name: string): boolean {
  const isListed = itemsAt(scope, 'values').includes(name);
  const byOperator: Readonly<Record<string, boolean>> = {
    Exists: name !== '',
    DoesNotExist: name === '',
    In: isListed,
    NotIn: !isListed,
  };
  return memberOf(byOperator, textAt(scope, 'operator') ?? '') ?? false;
}

function isBestEffort(pod: KubeObject): boolean {
  const containers = [...itemsAt(pod, 'spec', 'containers'), ...itemsAt(pod, 'spec', 'initContainers')];
  return containers.every((container: Json) =>
    ['requests', 'limits'].every((field) => {
      const list = objectAt(container, 'resources', field) ?? {};
      return list['cpu'] === undefined && list['memory'] === undefined;
    }),
  );
}
