import { selects, visitField } from './field-specs.ts';
import { referenceSpecs, type ReferenceSpecs } from './reference-specs.ts';
import { refuse } from './refusal.ts';
import {
  effectiveNamespace,
  gvkOf,
  idOf,
  idText,
  isClusterWide,
  type Id,
  type Resource,
} from './resource.ts';
import { fieldOf, isFields, textOf, type Fields, type Value } from './value.ts';

/**
 * Points every reference at the present name of the object it meant. An object is found by any name it had; of
 * several, the sieve of kustomize decides (api/filters/nameref).
 */
export function fixReferences(resources: readonly Resource[]): void {
  const renamed = resources.filter(({ past }) => past.length > 0);
  if (renamed.length > 0) for (const referrer of resources) fixReferencesOf(referrer, renamed);
}

function fixReferencesOf(referrer: Resource, renamed: readonly Resource[]): void {
  const gvk = gvkOf(referrer.fields);
  const reachable = reachableFrom(referrer, renamed);
  for (const specs of referenceSpecs) {
    const candidates = reachable.filter(({ past }) => past.some((id) => selects(specs.target, id)));
    if (candidates.length === 0) continue;
    for (const spec of specs.fields) {
      if (!selects(spec, gvk)) continue;
      const reference: Reference = { referrer, specs, candidates, isRoleRef: spec.path[0] === 'roleRef' };
      visitField(referrer.fields, spec.path, false, (holder, key) => {
        holder[key] = pointed(holder[key] ?? null, reference);
      });
    }
  }
}

interface Reference {
  readonly referrer: Resource;
  readonly specs: ReferenceSpecs;
  readonly candidates: readonly Resource[];
  readonly isRoleRef: boolean;
  /** The reference holds a namespace too, so that candidates of the same name are still different. */
  readonly byNamespace?: boolean;
}

/** A namespaced object can mean what is cluster-scoped, in its own namespace or among the subjects of its binding. */
function reachableFrom(referrer: Resource, renamed: readonly Resource[]): Resource[] {
  const own = idOf(referrer);
  if (isClusterWide(own)) return [...renamed];
  const subjects = fieldOf(referrer.fields, 'subjects');
  const bound = new Set<string>();
  if (own.kind === 'RoleBinding' && Array.isArray(subjects)) {
    for (const subject of subjects) if (isFields(subject)) bound.add(textOf(fieldOf(subject, 'namespace')));
  }
  return renamed.filter((resource) => {
    const id = idOf(resource);
    return isClusterWide(id) || effectiveNamespace(id) === effectiveNamespace(own) || bound.has(id.namespace);
  });
}

function pointed(value: Value, reference: Reference): Value {
  if (Array.isArray(value)) return value.map((item) => pointed(item, reference));
  if (typeof value === 'string') {
    const found = choose(value, reference.candidates, reference);
    return found ? idOf(found).name : value;
  }
  if (isFields(value)) pointMapping(value, reference);
  return value;
}

/** A reference by name and namespace moves in both. */
function pointMapping(value: Fields, reference: Reference): void {
  const name = textOf(fieldOf(value, 'name'));
  if (name === '') return;
  const namespace = fieldOf(value, 'namespace');
  const candidates =
    namespace === undefined ? reference.candidates : inNamespace(reference.candidates, textOf(namespace));
  const found = choose(name, candidates, { ...reference, byNamespace: true });
  if (!found) return;
  const id = idOf(found);
  value['name'] = id.name;
  if (id.namespace !== '') value['namespace'] = id.namespace;
}

function inNamespace(candidates: readonly Resource[], namespace: string): readonly Resource[] {
  const wanted = namespace === '' ? 'default' : namespace;
  const by = (idIn: (resource: Resource) => Id | undefined): Resource[] =>
    candidates.filter((each) => {
      const id = idIn(each);
      return id !== undefined && effectiveNamespace(id) === wanted;
    });
  const original = by(({ past }) => past[0]);
  return original.length > 0 ? original : by(idOf);
}

function choose(name: string, among: readonly Resource[], reference: Reference): Resource | undefined {
  const sieves = [
    ({ past }: Resource): boolean => past.some((id) => id.name === name),
    (each: Resource): boolean => !reference.isRoleRef || isRoleMeant(each, reference.referrer),
    (each: Resource): boolean => sameNamespace(each, reference.referrer),
    (each: Resource): boolean => sameAffixes(each, reference.referrer, true),
    (each: Resource): boolean => sameAffixes(each, reference.referrer, false),
  ];
  let left = among;
  for (const [index, sieve] of sieves.entries()) {
    left = left.filter(sieve);
    if (left.length === 0 || (left.length === 1 && index >= 2)) return left[0];
  }
  const [first] = left;
  const isSame = (one: Id, other: Id): boolean =>
    one.name === other.name && (reference.byNamespace !== true || one.namespace === other.namespace);
  if (first && left.every((each) => isSame(idOf(each), idOf(first)))) return first;
  refuse({
    ...reference.referrer.origin,
    message: `${idText(idOf(reference.referrer))} names ${reference.specs.target.kind} ${name}, which may be ${left.map((each) => idOf(each).name).join(' or ')}`,
    fix: 'give the objects distinct names',
  });
}

function isRoleMeant(candidate: Resource, referrer: Resource): boolean {
  const roleRef = fieldOf(referrer.fields, 'roleRef');
  if (!isFields(roleRef)) return false;
  const { group, kind } = idOf(candidate);
  return textOf(fieldOf(roleRef, 'kind')) === kind && textOf(fieldOf(roleRef, 'apiGroup')) === group;
}

function sameNamespace(candidate: Resource, referrer: Resource): boolean {
  const [theirs, own] = [idOf(candidate), idOf(referrer)];
  if (isClusterWide(own) || isClusterWide(theirs) || theirs.kind === 'ServiceAccount') return true;
  return effectiveNamespace(theirs) === effectiveNamespace(own);
}

/** Objects that went through the same kustomizations have the same affixes. */
function sameAffixes(candidate: Resource, referrer: Resource, allowEmpty: boolean): boolean {
  const same = (theirs: readonly string[], own: readonly string[]): boolean =>
    (allowEmpty && (theirs.length === 0 || own.length === 0)) || theirs.join(',') === own.join(',');
  return same(candidate.prefixes, referrer.prefixes) && same(candidate.suffixes, referrer.suffixes);
}
