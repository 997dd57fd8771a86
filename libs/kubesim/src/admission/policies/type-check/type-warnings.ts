import type { Registry } from '../../../cluster/registry.ts';
import { isObject, itemsAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { kindOf } from '../../../kube-object.ts';
import type { GroupVersionKind, KubeObject } from '../../../kube-object.ts';
import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment, LazyVariables, parseExpression } from '@meridian/cel';
import { authorizerType, registerAuthorizer } from '../cel/authorizer.ts';
import { namespaceType, registerRequestTypes, requestType } from '../cel/request-types.ts';
import { SchemaTypes } from './schema-types.ts';

/** What does not fit the types of the objects that a policy is about. */
export interface TypeWarning extends JsonObject {
  /** `spec.validations[0].expression` */
  readonly fieldRef: string;
  readonly warning: string;
}

/** Checks the validations of a ValidatingAdmissionPolicy by the types of the kinds that its rules name. */
export function typeWarnings(policy: KubeObject, registry: Registry): TypeWarning[] {
  const { spec } = policy;
  const checks = checkedKinds(spec, registry).map((kind) => ({
    kind,
    environment: environmentOf(kind, spec, registry),
  }));
  const expressions = itemsAt(spec, 'validations').flatMap((validation, index) =>
    ['expression', 'messageExpression'].map((field) => ({
      fieldRef: `spec.validations[${String(index)}].${field}`,
      text: textAt(validation, field) ?? '',
    })),
  );
  return expressions.flatMap(({ fieldRef, text }) => {
    if (text === '') return [];
    const found = checks.flatMap(({ kind: { group, version, kind }, environment }) => {
      const parsed = parseExpression(environment, text);
      return parsed.ok ? [] : [`${group}/${version}, Kind=${kind}: ${parsed.message}\n`];
    });
    return found.length === 0 ? [] : [{ fieldRef, warning: found.join('\n') }];
  });
}

const mostKinds = 10;

/** Rules with stars and subresources name no kinds. */
function checkedKinds(spec: Json | undefined, registry: Registry): readonly GroupVersionKind[] {
  const found = new Map<string, GroupVersionKind>();
  for (const rule of itemsAt(spec, 'matchConstraints', 'resourceRules')) {
    for (const kind of namedKinds(rule, registry)) {
      found.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
    }
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.slice(0, mostKinds).map(([, kind]) => kind);
}

function namedKinds(rule: Json, registry: Registry): readonly GroupVersionKind[] {
  const texts = (field: string) => itemsAt(rule, field).map(String);
  return texts('apiGroups').flatMap((group) =>
    texts('apiVersions').flatMap((version) =>
      texts('resources').flatMap((name) => registry.find(group, version, name) ?? []),
    ),
  );
}

function environmentOf(kind: GroupVersionKind, spec: Json | undefined, registry: Registry): Environment {
  const made = celEnvironment();
  registerRequestTypes(made);
  registerAuthorizer(made);
  const types = new SchemaTypes(made);
  const typeOf = (wanted: GroupVersionKind): string => {
    const schema = registry.schemaOf(wanted);
    return (schema === undefined ? undefined : types.of(schema)) ?? 'dyn';
  };
  const object = typeOf(kind);
  if (object !== 'dyn') made.registerOperator(`${object} == null`, () => false);
  made.registerVariable('object', object).registerVariable('oldObject', object);
  made.registerVariable('request', requestType).registerVariable('namespaceObject', namespaceType);
  made.registerVariable('authorizer', authorizerType);
  const paramKind = objectAt(spec, 'paramKind');
  if (paramKind !== undefined) {
    const wanted = kindOf(textAt(paramKind, 'apiVersion') ?? '', textAt(paramKind, 'kind') ?? '');
    made.registerVariable('params', typeOf(wanted));
  }
  // Variables are of any type here, as they are on a real server.
  const variables = itemsAt(spec, 'variables').filter(isObject);
  const fields = Object.fromEntries(variables.map((variable) => [textAt(variable, 'name') ?? '', 'dyn']));
  made.registerType('kubernetes.variables', { ctor: LazyVariables, fields });
  made.registerVariable('variables', 'kubernetes.variables');
  return made;
}
