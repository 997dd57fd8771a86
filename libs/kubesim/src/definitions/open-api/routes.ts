import type { DescribedKind } from './kind-schemas.ts';

/** What a route answers with or takes. */
export type Content = 'object' | 'list' | 'status' | 'scale' | 'patch' | 'options';

/** What a client does by a route, as the server names it. */
export type Action = 'list' | 'post' | 'deletecollection' | 'get' | 'put' | 'delete' | 'patch';

/** One operation on one path of a custom kind. */
export interface Route {
  readonly path: string;
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  readonly action: Action;
  readonly operationId: string;
  readonly description: string;
  readonly returns: Content;
  readonly takes: Content | undefined;
  readonly codes: readonly number[];
}

interface ActionFacts {
  readonly method: Route['method'];
  readonly verb: string;
  readonly codes: readonly number[];
}

const facts: Readonly<Record<Action, ActionFacts>> = {
  list: { method: 'get', verb: 'list', codes: [200] },
  post: { method: 'post', verb: 'create', codes: [200, 201, 202] },
  deletecollection: { method: 'delete', verb: 'delete', codes: [200] },
  get: { method: 'get', verb: 'read', codes: [200] },
  put: { method: 'put', verb: 'replace', codes: [200, 201] },
  delete: { method: 'delete', verb: 'delete', codes: [200, 202] },
  patch: { method: 'patch', verb: 'patch', codes: [200] },
};

/** All routes of a kind, path by path in their order. */
export function routesOf(kind: DescribedKind): readonly Route[] {
  const { namespaced, hasStatus, hasScale } = kind;
  const base = `/apis/${kind.group}/${kind.version}`;
  const root = `${base}/${namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}`;
  const one = `${root}/{name}`;
  const ofSubresource = (name: string) =>
    (['get', 'put', 'patch'] as const).map((action) => routeOf(kind, `${one}/${name}`, action));
  const all = [
    ...(['list', 'post', 'deletecollection'] as const).map((action) => routeOf(kind, root, action)),
    ...(['get', 'put', 'delete', 'patch'] as const).map((action) => routeOf(kind, one, action)),
    ...(hasStatus ? ofSubresource('status') : []),
    ...(hasScale ? ofSubresource('scale') : []),
    ...(namespaced ? [routeOf(kind, `${base}/${kind.plural}`, 'list')] : []),
  ];
  return all.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function routeOf(kind: DescribedKind, path: string, action: Action): Route {
  const { method, verb, codes } = facts[action];
  const subresource = /\{name\}\/(.*)$/.exec(path)?.[1] ?? '';
  const own = subresource === 'scale' ? 'scale' : 'object';
  return {
    path,
    method,
    action,
    operationId: `${verb}${capitalized(kind)}${operationOf(kind, { path, action, subresource })}`,
    description: descriptionOf(kind.kind, action, subresource),
    returns: action === 'list' ? 'list' : method === 'delete' ? 'status' : own,
    takes: takenBy(action, own),
    codes,
  };
}

function takenBy(action: Action, own: Content): Content | undefined {
  if (action === 'patch') return 'patch';
  if (action === 'delete') return 'options';
  return action === 'post' || action === 'put' ? own : undefined;
}

function operationOf(
  { kind, namespaced }: DescribedKind,
  {
    path,
    action,
    subresource,
  }: { readonly path: string; readonly action: Action; readonly subresource: string },
): string {
  if (namespaced && !path.includes('{namespace}')) return `${kind}ForAllNamespaces`;
  const words = [
    action === 'deletecollection' ? 'Collection' : '',
    namespaced ? 'Namespaced' : '',
    kind,
    subresource.replace(/^./, (first) => first.toUpperCase()),
  ];
  return words.join('');
}

/** Group and version in one word: `ExampleComV1`. */
function capitalized({ group, version }: DescribedKind): string {
  return `${wordOf(group)}${wordOf(version)}`.replace(/^./, (first) => first.toUpperCase());
}

/** The name under which the operations of a group version are listed: `exampleCom_v1`. */
export function tagOf({ group, version }: DescribedKind): string {
  const [first = '', ...rest] = wordOf(group);
  return `${first.toLowerCase()}${rest.join('')}_${version}`;
}

function wordOf(text: string): string {
  const words = text.replace(/\.k8s\.io$/, '').split(/[^\p{L}\d_]+/u);
  return words.map((word) => word.replace(/^./, (first) => first.toUpperCase())).join('');
}

function descriptionOf(kind: string, action: Action, subresource: string): string {
  const of = subresource === '' ? '' : ` ${subresource} of`;
  const article = /^[aeiou]/i.test(kind) ? 'an' : 'a';
  switch (action) {
    case 'list':
      return `list objects of kind ${kind}`;
    case 'post':
      return `create ${article} ${kind}`;
    case 'delete':
      return `delete ${article} ${kind}`;
    case 'deletecollection':
      return `delete collection of ${kind}`;
    case 'get':
      return `read${of} the specified ${kind}`;
    case 'put':
      return `replace${of} the specified ${kind}`;
    case 'patch':
      return `partially update${of} the specified ${kind}`;
  }
}
