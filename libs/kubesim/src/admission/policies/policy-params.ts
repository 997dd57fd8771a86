import type { Registry } from '../../cluster/registry.ts';
import { fromStorage } from '../../cluster/writer.ts';
import { selectorText } from '../../api/selector-text.ts';
import { objectAt, textAt } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { groupResource } from '../../schema/resource.ts';
import type { Resource } from '../../schema/resource.ts';
import { parseLabelSelector } from '../../store/label-selector.ts';
import type { Store } from '../../store/store.ts';
import type { Binding, Policy } from './policy.ts';

/** Where parameters are looked for. */
export interface ParamContext {
  readonly store: Store;
  readonly registry: Registry;
}

/** Why a policy or binding cannot be followed as it is configured. */
export class PolicyFault extends Error {}

/** The resource of a policy's parameters, undefined when it takes none. Throws PolicyFault when nothing serves their kind. */
export function paramResource({ paramKind }: Policy, { registry }: ParamContext): Resource | undefined {
  if (paramKind === undefined) return undefined;
  const { group, version, kind } = kindOf(paramKind.apiVersion, paramKind.kind);
  const found = registry
    .all()
    .find((one) => one.kind === kind && one.group === group && one.version === version);
  if (found !== undefined) return found;
  throw new PolicyFault(
    `failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`,
  );
}

/**
 * What a policy is followed with for a request in a namespace: once with each of the parameters that the binding names, or once
 * with null when there are none to name. Throws PolicyFault when they cannot be found and have to be.
 */
export function paramsOf(
  resource: Resource | undefined,
  { paramRef }: Binding,
  requestNamespace: string,
  context: ParamContext,
): readonly (KubeObject | null)[] {
  if (resource === undefined || paramRef === undefined) return [null];
  const namespace = paramNamespace(resource, textAt(paramRef, 'namespace') ?? '', requestNamespace);
  const name = textAt(paramRef, 'name') ?? '';
  const stored = groupResource(resource.storage);
  const one = context.store.get({ resource: stored, namespace, name });
  const listed = name === '' ? context.store.list(stored, namespace === '' ? undefined : namespace) : [one];
  const selected = parseLabelSelector(selectorText(objectAt(paramRef, 'selector') ?? {}));
  const found = listed
    .filter((object) => object !== undefined)
    .filter(({ metadata }) => name !== '' || (selected.ok && selected.matches(metadata.labels ?? {})));
  if (found.length === 0 && textAt(paramRef, 'parameterNotFoundAction') === 'Deny') {
    throw new PolicyFault('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found.map((object) => fromStorage(object, resource, context.registry.rulesOf(resource)));
}

function paramNamespace({ namespaced }: Resource, named: string, requested: string): string {
  if (namespaced) {
    if (named !== '' || requested !== '') return named === '' ? requested : named;
    throw new PolicyFault(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  }
  if (named === '') return '';
  throw new PolicyFault('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
}
