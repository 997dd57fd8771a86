import type { Resources } from '../build/step.ts';
import { effectiveNamespace, type Gvk } from '../resources/id.ts';
import { idOf, type Resource } from '../resources/resource.ts';
import { isClusterScoped } from '../resources/scope.ts';
import { fieldOf, isFields, isScalar, textOf, type Fields } from '../values/value.ts';

/** A reference while its object is looked for. */
export interface Reference {
  readonly referrer: Resource;
  /** The fields of the referrer as they are now. */
  readonly fields: Fields;
  /** The kind that the field may name. */
  readonly target: Gvk;
  readonly path: string;
  /** Whether the reference takes over the namespace, too. */
  readonly hasNamespace: boolean;
}

/** More than one object that a reference may mean, and no way to tell which. */
export class AmbiguousReference extends Error {
  override readonly name = 'AmbiguousReference';
  readonly candidates: Resources;
  constructor(candidates: Resources) {
    super('several objects may be meant');
    this.candidates = candidates;
  }
}

/**
 * The object that a reference means, of those that had the name and are in reach: the sieves of kustomize in their order
 * (filters/nameref, selectReferral).
 */
export function referralOf(candidates: Resources, reference: Reference): Resource | undefined {
  const { target, referrer } = reference;
  const role = roleIn(reference);
  const fitting = candidates.filter(
    (each) =>
      hadKind(each, target) && (role === undefined || hadKind(each, role)) && isNear(each, idOf(referrer)),
  );
  if (fitting.length <= 1) return fitting.length === 1 ? fitting[0] : undefined;
  const related = fitting.filter((each) => haveSameAffixes(each, referrer, true));
  const closest =
    related.length > 1 ? related.filter((each) => haveSameAffixes(each, referrer, false)) : related;
  const [first] = closest;
  if (first === undefined || closest.every((each) => isSameName(each, first, reference))) return first;
  throw new AmbiguousReference(closest);
}

/** Group and version are always the present ones. */
function hadKind({ past, id }: Resource, { group, version, kind }: Gvk): boolean {
  if ((group !== '' && group !== id.group) || (version !== '' && version !== id.version)) return false;
  return kind === '' ? past.length > 0 : past.some((each) => each.kind === kind);
}

/** A role reference says the kind of the role itself, and its group; an incomplete one says nothing. */
function roleIn({ path, fields }: Reference): Gvk | undefined {
  if (!path.endsWith('roleRef/name')) return undefined;
  const roleRef = fieldOf(fields, 'roleRef');
  if (!isFields(roleRef)) return undefined;
  const [group, kind] = [fieldOf(roleRef, 'apiGroup'), fieldOf(roleRef, 'kind')];
  if (group === undefined || kind === undefined || !isScalar(group) || !isScalar(kind)) return undefined;
  return { group: textOf(group), version: '', kind: textOf(kind) };
}

/** Objects in other namespaces are not meant, but for service accounts, which a binding may name. */
function isNear(candidate: Resource, referrer: ReturnType<typeof idOf>): boolean {
  const id = idOf(candidate);
  if (isClusterScoped(referrer) || isClusterScoped(id) || id.kind === 'ServiceAccount') return true;
  return effectiveNamespace(id) === effectiveNamespace(referrer);
}

/** Objects that went through the same kustomizations got the same prefixes and suffixes. */
function haveSameAffixes(candidate: Resource, referrer: Resource, allowNone: boolean): boolean {
  return (
    endAlike(candidate.prefixes, referrer.prefixes, allowNone) &&
    endAlike(candidate.suffixes, referrer.suffixes, allowNone)
  );
}

function endAlike(left: readonly string[], right: readonly string[], allowNone: boolean): boolean {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (short.length === 0) return allowNone || long.length === 0;
  const skipped = long.length - short.length;
  return short.every((each, index) => each === long[index + skipped]);
}

function isSameName(each: Resource, first: Resource, { hasNamespace }: Reference): boolean {
  const [one, other] = [idOf(each), idOf(first)];
  return one.name === other.name && (!hasNamespace || one.namespace === other.namespace);
}
