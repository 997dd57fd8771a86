import { isObject, itemsAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { matchingOf } from '../webhooks/configured-hooks.ts';
import type { Matching } from '../webhooks/configured-hooks.ts';
import { expressionOf } from './cel/run-expression.ts';
import type { Expression } from './cel/run-expression.ts';

/** What validating and mutating admission policies have in common, ready to be followed. */
export interface Policy {
  readonly name: string;
  readonly matching: Matching;
  /** Whether a request passes that it cannot judge. */
  readonly failsOpen: boolean;
  /** The kind of its parameters, if it has any. */
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
  readonly conditions: readonly Expression[];
  readonly variables: ReadonlyMap<string, Expression>;
}

/** What a validating policy asks of a request. */
export interface Validation {
  readonly expression: Expression;
  readonly message: string;
  readonly messageExpression: Expression | undefined;
  readonly reason: string;
}

/** A ValidatingAdmissionPolicy. */
export interface ValidatingPolicy extends Policy {
  readonly validations: readonly Validation[];
  /** What it notes in the audit log, which is kept nowhere; but it can fail. */
  readonly annotations: readonly Expression[];
}

/** One change that a mutating policy makes. */
export interface PolicyMutation {
  readonly kind: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: Expression;
}

/** A MutatingAdmissionPolicy. */
export interface MutatingPolicy extends Policy {
  readonly mutations: readonly PolicyMutation[];
  /** Whether it is followed again when something changed the object after it. */
  readonly reinvoked: boolean;
}

/** Where and how a policy is followed. */
export interface Binding {
  readonly name: string;
  readonly policyName: string;
  /** Undefined for everything that its policy is about. */
  readonly matching: Matching | undefined;
  readonly paramRef: JsonObject | undefined;
  /** Of `Deny`, `Warn` and `Audit`. */
  readonly actions: readonly string[];
}

/** Reads a ValidatingAdmissionPolicy. */
export function validatingPolicyOf(object: KubeObject): ValidatingPolicy {
  const { spec } = object;
  return {
    ...policyOf(object),
    validations: objectsIn(spec, 'validations').map((validation) => {
      const computed = textAt(validation, 'messageExpression') ?? '';
      return {
        expression: expressionOf(textAt(validation, 'expression') ?? ''),
        message: textAt(validation, 'message') ?? '',
        messageExpression: computed.trim() === '' ? undefined : expressionOf(computed),
        reason: textAt(validation, 'reason') ?? 'Invalid',
      };
    }),
    annotations: objectsIn(spec, 'auditAnnotations').map((annotation) =>
      expressionOf(textAt(annotation, 'valueExpression') ?? ''),
    ),
  };
}

/** Reads a MutatingAdmissionPolicy. */
export function mutatingPolicyOf(object: KubeObject): MutatingPolicy {
  const { spec } = object;
  return {
    ...policyOf(object),
    reinvoked: textAt(spec, 'reinvocationPolicy') === 'IfNeeded',
    mutations: objectsIn(spec, 'mutations').map((mutation) => {
      const kind = textAt(mutation, 'patchType') === 'JSONPatch' ? 'JSONPatch' : 'ApplyConfiguration';
      const field = kind === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
      return { kind, expression: expressionOf(textAt(mutation, field, 'expression') ?? '') };
    }),
  };
}

/** Reads a binding of either kind of policy. */
export function bindingOf({ metadata, spec }: KubeObject): Binding {
  const resources = objectAt(spec, 'matchResources');
  return {
    name: metadata.name ?? '',
    policyName: textAt(spec, 'policyName') ?? '',
    matching: resources === undefined ? undefined : bindingMatching(resources),
    paramRef: objectAt(spec, 'paramRef'),
    actions: itemsAt(spec, 'validationActions').map(String),
  };
}

const named = { rules: 'resourceRules', exceptions: 'excludeResourceRules' };

/** A binding without rules is about whatever its policy is about. */
function bindingMatching(resources: JsonObject): Matching {
  const matching = matchingOf(resources, named);
  if (matching.rules.length > 0) return matching;
  const any = ['*'];
  const everything = {
    operations: any,
    groups: any,
    versions: any,
    resources: ['*/*'],
    scope: '*',
    names: [],
  };
  return { ...matching, rules: [everything] };
}

function policyOf({ metadata, spec }: KubeObject): Policy {
  const paramKind = objectAt(spec, 'paramKind');
  return {
    name: metadata.name ?? '',
    matching: matchingOf(objectAt(spec, 'matchConstraints') ?? {}, named),
    failsOpen: textAt(spec, 'failurePolicy') === 'Ignore',
    paramKind:
      paramKind === undefined
        ? undefined
        : { apiVersion: textAt(paramKind, 'apiVersion') ?? '', kind: textAt(paramKind, 'kind') ?? '' },
    conditions: objectsIn(spec, 'matchConditions').map((condition) =>
      expressionOf(textAt(condition, 'expression') ?? ''),
    ),
    variables: new Map(
      objectsIn(spec, 'variables').map((variable) => [
        textAt(variable, 'name') ?? '',
        expressionOf(textAt(variable, 'expression') ?? ''),
      ]),
    ),
  };
}

function objectsIn(value: Json | undefined, field: string): readonly JsonObject[] {
  return itemsAt(value, field).filter(isObject);
}
