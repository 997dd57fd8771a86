import { createHash } from 'node:crypto';
import { describedKinds, groupDocument, partsOf } from '../definitions/open-api/custom-documents.ts';
import { wordingOf } from '../definitions/open-api/operations.ts';
import type { Wording } from '../definitions/open-api/operations.ts';
import { definitionsResource } from '../definitions/names.ts';
import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { readOpenApiDocuments } from '../schema/catalog.ts';
import { openApiProtobuf, openApiToProtobuf } from '../schema/open-api-protobuf.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

/** A document with the address at which the index has it. */
interface Document {
  readonly url: string;
  readonly text: string;
}

/** The documents as text, which is a tenth of their size in memory as objects; shared by all clusters of the process. */
interface Documents {
  /** The document of OpenAPI 2 in parts: members are added to its paths and definitions. */
  readonly v2: { readonly paths: string; readonly definitions: string; readonly rest: string };
  readonly v3: ReadonlyMap<string, Document>;
  /** What documents of custom kinds borrow. */
  readonly wording: { readonly v2: Wording; readonly v3: Wording };
  readonly schemas: JsonObject;
}

let opened: Documents | undefined;

function documents(): Documents {
  opened ??= openDocuments();
  return opened;
}

function openDocuments(): Documents {
  const { v2, v3 } = readOpenApiDocuments();
  const texts = Object.entries(v3).map(
    ([path, { url, document }]) => [path, { url, text: JSON.stringify(document) }] as const,
  );
  const { paths, definitions, ...rest } = v2;
  const apps = objectAt(v3['apis/apps/v1']?.document, 'paths') ?? {};
  return {
    v2: {
      paths: membersOf(paths),
      definitions: membersOf(definitions),
      rest: membersOf(rest),
    },
    v3: new Map(texts),
    wording: {
      v2: wordingOf(isObject(paths) ? paths : {}, 'v2', objectAt(v2, 'parameters') ?? {}),
      v3: wordingOf(apps, 'v3', {}),
    },
    schemas: withAllOptions(objectAt(v3['api/v1']?.document, 'components', 'schemas') ?? {}, definitions),
  };
}

const options = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const kinds = 'x-kubernetes-group-version-kind';

/** Groups that the part of the server for custom kinds does not know. */
const elsewhere = [
  'admission.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'imagepolicy.k8s.io',
];

/** Options of deletions belong to all groups, which the documents of single groups do not say of them. */
function withAllOptions(schemas: JsonObject, definitions: Json | undefined): JsonObject {
  const all = itemsAt(definitions, options, kinds).filter(
    (kind) => !elsewhere.includes(textAt(kind, 'group') ?? ''),
  );
  return { ...schemas, [options]: { ...objectAt(schemas, options), [kinds]: all } };
}

/** The members of an object as text, without the braces. */
function membersOf(object: Json | undefined): string {
  return JSON.stringify(object ?? {}).slice(1, -1);
}

/** Answers `/openapi/v2` and `/openapi/v3`. @returns whether the path is one of them. */
export function answerOpenApi(state: ServerState, exchange: Exchange): boolean {
  if (!exchange.path.startsWith('/openapi/')) return false;
  const definitions = state.store.list(definitionsResource);
  if (exchange.path === '/openapi/v2') {
    answerVersion2(exchange, version2(definitions));
    return true;
  }
  if (!exchange.path.startsWith('/openapi/v3')) return false;
  const path = exchange.path.slice('/openapi/v3/'.length);
  const custom = customDocuments(definitions);
  if (path === '') {
    exchange.answer(200, indexOf([...documents().v3, ...custom]));
    return true;
  }
  const found = documents().v3.get(path) ?? custom.get(path);
  if (found === undefined) {
    // Without a word, unlike everything else that is not there.
    exchange.response.writeHead(404, { 'cache-control': 'no-cache, private' }).end();
    return true;
  }
  exchange.response.setHeader('etag', `"${hashOf(found.text)}"`);
  exchange.answerText(200, found.text, 'application/json');
  return true;
}

/** kubectl asks for protobuf and for nothing else. */
function answerVersion2(exchange: Exchange, text: string): void {
  const { accept = '' } = exchange.request.headers;
  if (!accept.startsWith(openApiProtobuf.asked)) return exchange.answerText(200, text, 'application/json');
  const document: unknown = JSON.parse(text);
  exchange.answerText(200, openApiToProtobuf(document as JsonObject), openApiProtobuf.answered);
}

function indexOf(entries: readonly (readonly [path: string, document: Document])[]): JsonObject {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { paths: Object.fromEntries(sorted.map(([path, { url }]) => [path, { serverRelativeURL: url }])) };
}

function hashOf(text: string): string {
  return createHash('sha512').update(text).digest('hex');
}

function version2(definitions: readonly KubeObject[]): string {
  const { v2, wording } = documents();
  const kinds = [...describedKinds(definitions).values()].flat();
  const { paths, schemas } = partsOf(kinds, wording.v2);
  const more = (members: JsonObject) => (Object.keys(members).length === 0 ? '' : `,${membersOf(members)}`);
  return `{${v2.rest},"paths":{${v2.paths}${more(paths)}},"definitions":{${v2.definitions}${more(schemas)}}}`;
}

/** Documents are kept as long as the definitions that they were made of: those are asked for again and again. */
const made = new WeakMap<
  KubeObject,
  { readonly all: readonly KubeObject[]; readonly found: Map<string, Document> }
>();

function customDocuments(definitions: readonly KubeObject[]): ReadonlyMap<string, Document> {
  const [first] = definitions;
  if (first === undefined) return new Map();
  const known = made.get(first);
  const isSame =
    known?.all.length === definitions.length && known.all.every((one, at) => one === definitions[at]);
  if (known !== undefined && isSame) return known.found;
  const found = new Map<string, Document>();
  for (const [path, kinds] of describedKinds(definitions)) {
    const text = JSON.stringify(groupDocument(kinds, documents().wording.v3, documents().schemas));
    found.set(path, { url: `/openapi/v3/${path}?hash=${hashOf(text).toUpperCase()}`, text });
  }
  made.set(first, { all: definitions, found });
  return found;
}
