import { fieldSpec, type FieldSpec } from '../config/field-spec.ts';
import type { Resources, Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { idKey, idText, type Gvk } from '../resources/id.ts';
import { isClusterScoped } from '../resources/scope.ts';
import { idOf, rememberingId, type Resource } from '../resources/resource.ts';
import { isNull, isScalar, scalarTextAt, textOf, type Value } from '../values/value.ts';
import { changeFields, compileSpecs, type CompiledSpec, type FieldChange } from './field-spec.ts';
import { specsReach, type FieldWay } from './field-way.ts';
import { retagged } from './scalars.ts';
import { moveSubjects, subjectMode, type SubjectMode } from './subjects.ts';

/** What the namespace transformer is told (NamespaceTransformer). */
export interface NamespaceConfig {
  readonly namespace: string;
  readonly fieldSpecs: readonly FieldSpec[];
  /** Leave namespaces alone that are set already. */
  readonly unsetOnly?: boolean | undefined;
  /** Which subjects of role bindings move: `defaultOnly` (or nothing), `allServiceAccounts` or `none`. */
  readonly setRoleBindingSubjects?: string | undefined;
}

const metadataNamespace = compileSpecs([fieldSpec('metadata/namespace', '', true)]).forKind({
  group: '',
  version: '',
  kind: '',
});

/**
 * Puts every namespaced object, and what names a namespace in others, into a namespace. Two objects that become the same
 * are refused.
 */
export function applyNamespace(resources: Resources, config: NamespaceConfig, step: Step): Resources {
  const mode = subjectMode(config.setRoleBindingSubjects ?? '', step.place);
  if (config.namespace === '') return resources;
  const moved = resources.map((resource) => inNamespace(resource, { config, mode, step }));
  refuseConflicts(moved, config.namespace, step);
  return moved;
}

/** Whether it may read or change one of some fields: those of the subjects of role bindings among them. */
export function namespaceReaches(ways: readonly FieldWay[], fieldSpecs: readonly FieldSpec[]): boolean {
  return ways.some(([first]) => first === 'subjects') || specsReach(ways, fieldSpecs);
}

interface Move {
  readonly config: NamespaceConfig;
  readonly mode: SubjectMode;
  readonly step: Step;
}

function inNamespace(resource: Resource, { config, mode, step }: Move): Resource {
  if (step.profile === '5.8' && isFromHelm(resource)) return resource;
  return moved(rememberingId(resource), { config, mode, step });
}

/** The resource in another namespace, with nothing remembered of the one that it was in. */
export function movedInto(resource: Resource, namespace: string, step: Step): Resource {
  return moved(resource, { config: { namespace, fieldSpecs: [] }, mode: 'defaultOnly', step });
}

function moved(resource: Resource, { config, mode, step }: Move): Resource {
  const gvk = idOf(resource);
  const change = namespaceChange(config);
  let moved = resource;
  if (!isOutsideNamespaces(gvk, step)) moved = changeFields(moved, metadataNamespace, change, step);
  if (isRoleBinding(gvk.kind)) moved = moveSubjects(moved, { mode, change, step });
  const isCoreV1 = scalarTextAt(resource.fields, ['apiVersion']) === 'v1';
  const specs = compileSpecs(config.fieldSpecs)
    .forKind(gvk)
    .filter((spec) => isUsed(spec, gvk, isCoreV1));
  return changeFields(moved, specs, change, step);
}

/** Kustomize 5.8 leaves the namespace of what it takes for the output of helm to helm. */
function isFromHelm({ fields }: Resource): boolean {
  const path = ['metadata', 'annotations', 'internal.config.kubernetes.io/helm-generated'];
  return scalarTextAt(fields, path) === 'true';
}

function isRoleBinding(kind: string): boolean {
  return kind === 'RoleBinding' || kind === 'ClusterRoleBinding';
}

/** The own namespace is set before; a name is only that of a namespace; subjects of role bindings have rules of their own. */
function isUsed({ spec }: CompiledSpec, { kind }: Gvk, isCoreV1: boolean): boolean {
  if (spec.path === 'metadata/namespace') return false;
  if (spec.path === 'metadata/name') return isCoreV1;
  return !(isRoleBinding(kind) && isRoleBinding(spec.kind) && spec.path === 'subjects/namespace');
}

const unknownTo55: ReadonlySet<string> = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

/** Kustomize 5.5 does not know yet that admission policies live outside namespaces. */
function isOutsideNamespaces(gvk: Gvk, { profile }: Step): boolean {
  return isClusterScoped(gvk) && !(profile === '5.5' && unknownTo55.has(gvk.kind));
}

function namespaceChange({ namespace, unsetOnly = false }: NamespaceConfig): FieldChange {
  return {
    makes: 'scalar',
    set: (value, spec, isInQuotes) => {
      const after = retagged(value, { tag: '!!str', text: namespace }, isInQuotes);
      const stays = unsetOnly && value !== undefined && countsAsSet(value, spec);
      return stays ? kept(value, spec) : after;
    },
  };
}

/** A null counts as set, too, where it may be created, unless it is written as nothing: kustomize looks at its text only. */
function countsAsSet(value: Value, { create }: FieldSpec): boolean {
  return isScalar(value) && textOf(value) !== '' && (create || !isNull(value));
}

/** Such a null becomes a text in all fields but `metadata.namespace`. */
function kept(value: Value, { path }: FieldSpec): Value {
  return isScalar(value) && isNull(value) && path !== 'metadata/namespace' ? textOf(value) : value;
}

function refuseConflicts(resources: Resources, namespace: string, { place }: Step): void {
  const seen = new Map<string, Resource>();
  for (const resource of resources) {
    const key = idKey(idOf(resource));
    const first = seen.get(key);
    if (first) {
      const files = `${first.origin.file}:${first.origin.line} and ${resource.origin.file}:${resource.origin.line}`;
      const message = `the namespace ${namespace} makes ${idText(idOf(resource))} of ${files} the same`;
      refuse({ ...place, message, fix: 'rename one of the two' });
    }
    seen.set(key, resource);
  }
}
