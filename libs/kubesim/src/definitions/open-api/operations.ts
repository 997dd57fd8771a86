import { draftOf, isObject, itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { modelName, referTo } from './kind-schemas.ts';
import type { DescribedKind, OpenApiVersion } from './kind-schemas.ts';
import { routesOf, tagOf } from './routes.ts';
import type { Action, Content, Route } from './routes.ts';

/** The parameters that actions on custom kinds take, as the documents of built-in kinds word them. */
export interface Wording {
  readonly openApi: OpenApiVersion;
  readonly parameters: Readonly<Record<Action, readonly JsonObject[]>>;
  readonly namespace: JsonObject;
  readonly pretty: JsonObject;
}

/**
 * Takes the wording from the paths of a built-in kind that has all actions.
 * @param shared Parameters that references lead to, by name (OpenAPI 2 only).
 */
export function wordingOf(paths: JsonObject, openApi: OpenApiVersion, shared: JsonObject): Wording {
  const root = '/apis/apps/v1/namespaces/{namespace}/deployments';
  const at = (path: string, method: string) => parametersAt(objectAt(paths, path, method));
  const list = at(root, 'get');
  const named = (name: string, among: readonly JsonObject[]) =>
    among.find((one) => nameOfParameter(one, shared) === name);
  const ofPath = parametersAt(objectAt(paths, root));
  const revision = named('resourceVersion', list);
  return {
    openApi,
    namespace: named('namespace', ofPath) ?? {},
    pretty: named('pretty', ofPath) ?? {},
    parameters: {
      list,
      deletecollection: list,
      get: revision === undefined ? [] : [revision],
      post: withoutBody(at(root, 'post'), shared),
      put: withoutBody(at(`${root}/{name}`, 'put'), shared),
      delete: at(`${root}/{name}`, 'delete'),
      patch: at(`${root}/{name}`, 'patch'),
    },
  };
}

function parametersAt(holder: JsonObject | undefined): JsonObject[] {
  return itemsAt(holder, 'parameters').filter((one) => isObject(one));
}

function nameOfParameter(parameter: JsonObject, shared: JsonObject): string {
  const reference = textAt(parameter, '$ref') ?? '';
  const found = reference === '' ? parameter : objectAt(shared, reference.replace('#/parameters/', ''));
  return textAt(found, 'name') ?? '';
}

/** The body of a write is of the kind, so that of another kind does not serve. */
function withoutBody(parameters: readonly JsonObject[], shared: JsonObject): JsonObject[] {
  return parameters.filter((one) => nameOfParameter(one, shared) !== 'body');
}

/** The paths of a kind with their operations. */
export function pathsOf(kind: DescribedKind, wording: Wording): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routesOf(kind)) {
    const item = paths[route.path] ?? {};
    paths[route.path] = { ...item, [route.method]: operationOf(route, kind, wording) };
  }
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [path, withParameters(path, item, { kind, wording })]),
  );
}

/** What all operations of a path take stands once, with the path. */
function withParameters(
  path: string,
  item: JsonObject,
  { kind, wording }: { readonly kind: DescribedKind; readonly wording: Wording },
): JsonObject {
  const ofPath = [
    ...(path.includes('{name}') ? [nameParameter(kind, wording.openApi)] : []),
    ...(path.includes('{namespace}') ? [wording.namespace] : []),
  ];
  const methods = Object.entries(item);
  const [, first] = methods[0] ?? [];
  const shared = methods.length === 1 ? parametersAt(objectAt(first)) : [];
  const operations = methods.map(
    ([method, operation]) => [method, withoutShared(operation, shared)] as const,
  );
  const isAfterPretty = (one: JsonObject) => (textAt(one, 'name') ?? textAt(one, '$ref') ?? '') >= after(one);
  const before = shared.filter((one) => !isAfterPretty(one));
  const behind = shared.filter(isAfterPretty);
  return {
    ...Object.fromEntries(operations),
    parameters: draftOf([...ofPath, ...before, wording.pretty, ...behind]),
  };
}

/** Parameters are listed by name; `pretty` has its place among them. */
function after(parameter: JsonObject): string {
  return parameter['$ref'] === undefined ? 'pretty' : '#/parameters/pretty';
}

function withoutShared(operation: Json | undefined, shared: readonly JsonObject[]): Json | undefined {
  if (!isObject(operation) || shared.length === 0) return operation;
  const { parameters, ...others } = operation;
  const left = (Array.isArray(parameters) ? parameters : []).filter(
    (one) => !shared.some((other) => jsonEqual(one, other)),
  );
  return left.length === 0 ? others : { ...others, parameters: left };
}

function nameParameter({ kind }: DescribedKind, openApi: OpenApiVersion): JsonObject {
  const type = { type: 'string', uniqueItems: true };
  const own = { name: 'name', in: 'path', description: `name of the ${kind}`, required: true };
  return openApi === 'v2' ? { ...own, ...type } : { ...own, schema: type };
}

const contentTypes = ['application/json', 'application/yaml'];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];
const words: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function operationOf(route: Route, kind: DescribedKind, wording: Wording): JsonObject {
  const { openApi, parameters } = wording;
  const { group, version } = kind;
  const returned = referenceTo(route.returns, kind, openApi);
  const responses = Object.fromEntries(
    route.codes.map((code) => [
      String(code),
      { description: words[code] ?? '', ...contentOf(returned, openApi) },
    ]),
  );
  const taken = route.takes === undefined ? undefined : referenceTo(route.takes, kind, openApi);
  return {
    tags: [tagOf(kind)],
    description: route.description,
    operationId: route.operationId,
    ...(openApi === 'v2'
      ? version2Parts(route, taken, parameters[route.action])
      : { parameters: draftOf([...parameters[route.action]]), ...requestBody(route, taken) }),
    responses: { ...responses, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': route.action,
    'x-kubernetes-group-version-kind': { group, version, kind: kind.kind },
  };
}

function contentOf(reference: JsonObject, openApi: OpenApiVersion): JsonObject {
  if (openApi === 'v2') return { schema: reference };
  return { content: Object.fromEntries(contentTypes.map((type) => [type, { schema: draftOf(reference) }])) };
}

function requestBody({ takes }: Route, taken: JsonObject | undefined): JsonObject {
  if (taken === undefined) return {};
  const types = takes === 'patch' ? patchTypes : contentTypes;
  const content = Object.fromEntries(types.map((type) => [type, { schema: draftOf(taken) }]));
  return { requestBody: { content, ...(takes === 'options' ? {} : { required: true }) } };
}

/** In OpenAPI 2 the body is a parameter; those of patches and deletions are shared with built-in kinds. */
function version2Parts(
  { takes }: Route,
  taken: JsonObject | undefined,
  parameters: readonly JsonObject[],
): JsonObject {
  const isOwnBody = takes === 'object' || takes === 'scale';
  const body: JsonObject[] =
    isOwnBody && taken !== undefined ? [{ name: 'body', in: 'body', required: true, schema: taken }] : [];
  return {
    consumes: takes === 'patch' ? patchTypes : contentTypes,
    produces: contentTypes,
    schemes: ['https'],
    parameters: draftOf([...body, ...parameters]),
  };
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const shared: Readonly<Partial<Record<Content, string>>> = {
  status: `${meta}.Status`,
  scale: 'io.k8s.api.autoscaling.v1.Scale',
  patch: `${meta}.Patch`,
  options: `${meta}.DeleteOptions`,
};

function referenceTo(content: Content, kind: DescribedKind, openApi: OpenApiVersion): JsonObject {
  const own = modelName(kind, content === 'list' ? kind.listKind : kind.kind);
  return referTo(shared[content] ?? own, openApi);
}
