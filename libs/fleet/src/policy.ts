import type { Json } from '@meridian/manifests';
import type { LabelSelector } from './documents.ts';
import { toSelector } from './from-document.ts';
import type { PolicyDocument } from './schema.ts';

/** Which objects a policy is about, by what they say of themselves; `*` fits anything. */
export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly kinds: readonly string[];
  readonly resourceNames: readonly string[];
}

/** An expression with a name: a variable, or a condition. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** What a policy demands. */
export interface PolicyValidation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly fieldPath?: string;
}

/** What rendered objects are held to before they are released, in expressions of CEL. */
export interface Policy {
  readonly name: string;
  /** The file that declares it. */
  readonly declaredIn: string;
  readonly applications: LabelSelector;
  readonly clusters: LabelSelector;
  readonly action: 'deny' | 'warn';
  readonly scope: 'object' | 'bundle';
  readonly rules: readonly ResourceRule[];
  readonly exceptions: readonly ResourceRule[];
  readonly objectSelector: LabelSelector;
  readonly conditions: readonly NamedExpression[];
  readonly params: { readonly [name: string]: Json };
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly PolicyValidation[];
}

/** The policy that a valid document declares, with the defaults of absent fields. */
export function toPolicy({ metadata, spec }: PolicyDocument, declaredIn: string): Policy {
  return {
    name: metadata.name,
    declaredIn,
    applications: toSelector(spec.applications ?? {}),
    clusters: toSelector(spec.clusters ?? {}),
    action: spec.action ?? 'deny',
    scope: spec.scope ?? 'object',
    ...toConstraints(spec.matchConstraints ?? {}),
    ...toExpressions(spec),
  };
}

type Spec = PolicyDocument['spec'];
type Constraints = NonNullable<Spec['matchConstraints']>;

function toConstraints({ resourceRules, excludeResourceRules, objectSelector }: Constraints) {
  return {
    rules: (resourceRules ?? [{ kinds: any }]).map(toRule),
    exceptions: (excludeResourceRules ?? []).map(toRule),
    objectSelector: toSelector(objectSelector ?? {}),
  };
}

function toExpressions({ matchConditions, params, variables, validations }: Spec) {
  return {
    conditions: matchConditions ?? [],
    params: params ?? {},
    variables: variables ?? [],
    validations: validations.map(({ expression, message, messageExpression, fieldPath }) => ({
      expression,
      ...(message === undefined ? {} : { message }),
      ...(messageExpression === undefined ? {} : { messageExpression }),
      ...(fieldPath === undefined ? {} : { fieldPath }),
    })),
  };
}

const any = ['*'];

type WrittenRule = NonNullable<Constraints['resourceRules']>[number];

function toRule({ apiGroups, apiVersions, kinds, resourceNames }: WrittenRule): ResourceRule {
  return {
    apiGroups: apiGroups ?? any,
    apiVersions: apiVersions ?? any,
    kinds,
    resourceNames: resourceNames ?? any,
  };
}
