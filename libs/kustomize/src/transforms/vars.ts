import type { VarFields } from '../build/kustomization-fields.ts';
import type { Place, Resources, Step } from '../build/step.ts';
import type { FieldSpec } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import { effectiveNamespace, idText, type Id } from '../resources/id.ts';
import { allIdsOf, idOf, type Resource } from '../resources/resource.ts';
import { byUtf8 } from '../values/json.ts';
import type { Value } from '../values/value.ts';
import { lookup, PathProblem } from './path-lookup.ts';
import { splitFieldPath } from './path.ts';
import { sourceValue, type SourceValue } from './var-value.ts';
import { withVars } from './var-references.ts';

/** A var: a name for a field of one object (api/types/var.go). */
export interface Var {
  readonly name: string;
  readonly target: Id;
  readonly fieldPath: string;
  /** Where it is written. */
  readonly place: Place;
}

/** A var as a kustomization writes it; the field is the name of the object unless another is said. */
export function varOf({ name = '', objref = {}, fieldref = {} }: VarFields, place: Place): Var {
  const fieldPath = fieldref.fieldPath ?? '';
  return { name, target: targetOf(objref), fieldPath: fieldPath === '' ? 'metadata.name' : fieldPath, place };
}

function targetOf(objref: NonNullable<VarFields['objref']>): Id {
  const { kind = '', name = '', namespace = '' } = objref;
  return { ...versionOf(objref), kind, name, namespace };
}

/** An apiVersion counts more than group and version; one of three parts says nothing (types.Target.GVK). */
function versionOf({ apiVersion = '', group = '', version = '' }: NonNullable<VarFields['objref']>): {
  readonly group: string;
  readonly version: string;
} {
  const [first = '', second, ...more] = apiVersion.split('/');
  if (apiVersion === '' || more.length > 0) return { group, version };
  return second === undefined ? { group, version: first } : { group: first, version: second };
}

/**
 * The resources with a note on each that a var takes its value from, by any id it has or had. Two objects for one var are
 * refused; none is not: the var may still find nothing to do.
 */
export function withVarSources(resources: Resources, vars: readonly Var[]): Resources {
  if (vars.length === 0) return resources;
  const marked = [...resources];
  for (const each of vars) {
    const matches = resources.flatMap((resource, index) => (isTarget(each.target, resource) ? [index] : []));
    const [index] = matches;
    if (matches.length > 1) refuseAmbiguous(each, matches.length);
    const source = index === undefined ? undefined : marked[index];
    if (index !== undefined && source) marked[index] = { ...source, vars: [...source.vars, each.name] };
  }
  return marked;
}

/** Without a namespace any will do. */
function isTarget(target: Id, resource: Resource): boolean {
  return allIdsOf(resource).some(
    (id) =>
      id.name === target.name &&
      id.kind === target.kind &&
      id.version === target.version &&
      id.group === target.group &&
      (target.namespace === '' || effectiveNamespace(id) === target.namespace),
  );
}

function refuseAmbiguous({ name, target, place }: Var, count: number): never {
  refuse({
    ...place,
    message: `the var ${name} could mean ${count} objects: ${idText(target)} is there more than once`,
    fix: 'add objref.namespace',
  });
}

/** The resources with the values of all vars in place of `$(NAME)`, in the fields that the specs name. */
export function resolveVars(
  resources: Resources,
  vars: readonly Var[],
  specs: readonly FieldSpec[],
  step: Pick<Step, 'warn' | 'look'>,
): Resources {
  if (vars.length === 0) return resources;
  const sorted = [...vars].sort((left, right) => byUtf8(left.name, right.name));
  const values = new Map(sorted.map((each) => [each.name, valueOf(each, resources)]));
  const used = new Set<string>();
  const place = sorted[0]?.place ?? { file: '' };
  const resolved = withVars(resources, specs, { values, used, place, look: step.look });
  for (const { name, place } of sorted) {
    const isUnusable = values.get(name)?.isCollection === true;
    if (!used.has(name))
      step.warn({
        ...place,
        message: isUnusable
          ? `the var ${name} is a mapping or a list, so $(${name}) stays as it is written`
          : `the var ${name} is never used`,
        fix: isUnusable
          ? 'name a field with text or a number'
          : 'remove it, or write it where vars are replaced',
      });
  }
  return resolved;
}

function valueOf({ name, target, fieldPath, place }: Var, resources: Resources): SourceValue {
  const source = resources.find((resource) => resource.vars.includes(name));
  if (!source)
    refuse({
      ...place,
      message: `the var ${name} names ${idText(target)}, which does not exist`,
      fix: 'correct objref: apiVersion, kind and name must be those of an object here',
    });
  const found = fieldIn(source, fieldPath);
  const value = found === undefined ? undefined : sourceValue(found);
  if (value === undefined)
    refuse({
      ...place,
      message: `the var ${name} cannot take the field ${fieldPath} of ${idText(idOf(source))}`,
      fix: 'name a field that is there and holds text, a decimal number or a boolean',
    });
  return value;
}

function fieldIn(source: Resource, fieldPath: string): Value | undefined {
  try {
    return lookup(source.fields, splitFieldPath(fieldPath).flatMap(withIndex));
  } catch (error) {
    if (error instanceof PathProblem) return undefined;
    throw error;
  }
}

/** `ports[0]` is the step `ports` and then an item (kyaml convertSliceIndex). */
function withIndex(step: string): readonly string[] {
  const indexed = /^(.*)\[(\d+)\]$/s.exec(step);
  if (!indexed) return [step];
  const [, name = '', index = ''] = indexed;
  return name === '' ? [index] : [name, index];
}
