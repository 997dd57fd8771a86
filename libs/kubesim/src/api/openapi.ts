import { createHash } from 'node:crypto';
import { describedKinds, groupDocument, partsOf } from '../definitions/open-api/custom-documents.ts';
import { wordingOf } from '../definitions/open-api/operations.ts';
import type { Wording } from '../definitions/open-api/operations.ts';
import { definitionsResource } from '../definitions/names.ts';
import { itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { openApiProtobuf, openApiToProtobuf } from '../schema/open-api-protobuf.ts';
import { readOpenApiTexts } from '../schema/open-api-texts.ts';
import type { OpenApiText, OpenApiTexts } from '../schema/open-api-texts.ts';
import { acceptsJson } from './accept.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

let opened: OpenApiTexts | undefined;

/** Read when somebody asks for the first time; shared by all clusters of the process. */
function documents(): OpenApiTexts {
  opened ??= readOpenApiTexts();
  return opened;
}

/** What documents of custom kinds borrow from those of built-in kinds. */
interface Borrowed {
  readonly v2: Wording;
  readonly v3: Wording;
  readonly schemas: JsonObject;
}

let lent: Borrowed | undefined;

/** Read when there is a custom kind: it takes parsing, and memory. */
function borrowed(): Borrowed {
  lent ??= borrow(documents());
  return lent;
}

function borrow({ v2, v3 }: OpenApiTexts): Borrowed {
  const apps = objectAt(parsed(v3.get('apis/apps/v1')?.text), 'paths') ?? {};
  const core = objectAt(parsed(v3.get('api/v1')?.text), 'components', 'schemas') ?? {};
  return {
    v2: wordingOf(parsed(v2.paths), 'v2', objectAt(parsed(v2.rest), 'parameters') ?? {}),
    v3: wordingOf(apps, 'v3', {}),
    schemas: withAllOptions(core, parsed(v2.definitions)),
  };
}

function parsed(text: Buffer | string = '{}'): JsonObject {
  return JSON.parse(text.toString()) as JsonObject;
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
    const index = JSON.stringify(indexOf([...documents().v3, ...custom]));
    // It says no type, and so Go names what it looks like.
    exchange.answerText(200, index, 'text/plain; charset=utf-8');
    return true;
  }
  const found = documents().v3.get(path) ?? custom.get(path);
  if (found === undefined) {
    // Without a word, unlike everything else that is not there.
    exchange.response.writeHead(404, { 'cache-control': 'no-cache, private' }).end();
    return true;
  }
  if (!acceptsJson(exchange.request.headers.accept)) {
    exchange.response.writeHead(406, { 'cache-control': 'no-cache, private' }).end();
    return true;
  }
  exchange.response.setHeader('etag', `"${hashOf(found.text)}"`);
  exchange.answerText(200, found.text, 'application/json');
  return true;
}

/** kubectl asks for protobuf and for nothing else. */
function answerVersion2(exchange: Exchange, text: Buffer): void {
  const { accept = '' } = exchange.request.headers;
  if (!accept.startsWith(openApiProtobuf.asked)) return exchange.answerText(200, text, 'application/json');
  exchange.answerText(200, openApiToProtobuf(parsed(text)), openApiProtobuf.answered);
}

function indexOf(entries: readonly (readonly [path: string, document: OpenApiText])[]): JsonObject {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { paths: Object.fromEntries(sorted.map(([path, { url }]) => [path, { serverRelativeURL: url }])) };
}

function hashOf(text: Buffer): string {
  return createHash('sha512').update(text).digest('hex');
}

function version2(definitions: readonly KubeObject[]): Buffer {
  const { v2 } = documents();
  const kinds = [...describedKinds(definitions).values()].flat();
  const more = kinds.length === 0 ? { paths: {}, schemas: {} } : partsOf(kinds, borrowed().v2);
  const rest = v2.rest.subarray(1, -1);
  const parts = [
    ',"paths":',
    ...joined(v2.paths, more.paths),
    ',"definitions":',
    ...joined(v2.definitions, more.schemas),
  ];
  return Buffer.concat(['{', rest, ...parts, '}'].map((part) => Buffer.from(part)));
}

/** The text of an object with more members. */
function joined(object: Buffer, more: JsonObject): readonly (Buffer | string)[] {
  if (Object.keys(more).length === 0) return [object];
  return [object.subarray(0, -1), ',', JSON.stringify(more).slice(1)];
}

/** Documents are kept as long as the definitions that they were made of: those are asked for again and again. */
const made = new WeakMap<
  KubeObject,
  { readonly all: readonly KubeObject[]; readonly found: Map<string, OpenApiText> }
>();

function customDocuments(definitions: readonly KubeObject[]): ReadonlyMap<string, OpenApiText> {
  const [first] = definitions;
  if (first === undefined) return new Map();
  const known = made.get(first);
  const isSame =
    known?.all.length === definitions.length && known.all.every((one, at) => one === definitions[at]);
  if (known !== undefined && isSame) return known.found;
  const found = new Map<string, OpenApiText>();
  for (const [path, kinds] of describedKinds(definitions)) {
    const text = Buffer.from(JSON.stringify(groupDocument(kinds, borrowed().v3, borrowed().schemas)));
    found.set(path, { url: `/openapi/v3/${path}?hash=${hashOf(text).toUpperCase()}`, text });
  }
  made.set(first, { all: definitions, found });
  return found;
}
