import { fieldOf, isFields, isScalar, scalarTextIn, textOf, type Fields } from '../values/value.ts';
import { isClusterScoped } from './scope.ts';

/** Group, version and kind. */
export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What names a resource at one moment of a build. */
export interface Id extends Gvk {
  readonly name: string;
  /** As written; '' when not said. */
  readonly namespace: string;
}

/** Group and version of an `apiVersion`; a text without a slash is the version of the core group. */
export function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The id that an object has by its fields; a number counts by its text, as in kyaml, and so does a null as apiVersion. */
export function idOfFields(fields: Fields): Id {
  const apiVersion = fieldOf(fields, 'apiVersion');
  const { group, version } = parseApiVersion(
    apiVersion !== undefined && isScalar(apiVersion) ? textOf(apiVersion) : '',
  );
  return { group, version, kind: scalarTextIn(fields, 'kind'), ...namesIn(fields) };
}

function namesIn(fields: Fields): Pick<Id, 'name' | 'namespace'> {
  const metadata = fieldOf(fields, 'metadata');
  if (!isFields(metadata)) return { name: '', namespace: '' };
  return { name: scalarTextIn(metadata, 'name'), namespace: scalarTextIn(metadata, 'namespace') };
}

/** The id after a change of the fields: the same one as long as it says the same, which most changes leave alone. */
export function idAfter(id: Id, before: Fields, after: Fields): Id {
  if (before['kind'] === after['kind'] && before['apiVersion'] === after['apiVersion']) {
    if (before['metadata'] === after['metadata']) return id;
    const { name, namespace } = namesIn(after);
    return id.name === name && id.namespace === namespace ? id : { ...id, name, namespace };
  }
  const next = idOfFields(after);
  return isSameId(id, next) ? id : next;
}

/** Whether two ids say the same. */
export function isSameId(left: Id, right: Id): boolean {
  return (
    left.name === right.name &&
    left.namespace === right.namespace &&
    left.kind === right.kind &&
    left.version === right.version &&
    left.group === right.group
  );
}

/** Kustomize's name for the place of objects outside namespaces (kyaml resid.TotallyNotANamespace). */
export const noNamespace = '_non_namespaceable_';

/** The namespace that counts in comparisons: `default` when not said, a word of its own for cluster-scoped kinds. */
export function effectiveNamespace(id: Id): string {
  if (isClusterScoped(id)) return noNamespace;
  return id.namespace === '' ? 'default' : id.namespace;
}

/** One text per id: equal texts are what kustomize holds for the same id (kyaml ResId.Equals). */
export function idKey(id: Id): string {
  return `${id.group}|${id.version}|${id.kind}|${effectiveNamespace(id)}|${id.name}`;
}

/** An id as people read it. */
export function idText(id: Id): string {
  return `${id.kind} ${id.namespace === '' ? '' : `${id.namespace}/`}${id.name}`;
}
