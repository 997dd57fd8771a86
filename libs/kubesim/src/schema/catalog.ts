import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { itemsAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { apiVersionOf, kindOf } from '../kube-object.ts';
import type { GroupVersionKind } from '../kube-object.ts';
import type { Column } from '../printers/table.ts';
import { openApiReader } from './from-openapi.ts';
import type { OpenApiType } from './from-openapi.ts';
import { readProtobuf } from './protobuf.ts';
import type { PackageOf, WireTypes } from './protobuf.ts';
import type { Resource, Subresource } from './resource.ts';
import type { Schema } from './schema.ts';
import { ProtobufWriter } from './write-protobuf.ts';

/** What a real API server of the pinned version serves out of the box, as `bin/generate-data.ts` wrote it down. */
export interface Catalog {
  /** The answer to `/version`. */
  readonly version: JsonObject;
  /** Answers of discovery by path: `/api`, `/apis`, `/apis/apps`, `/apis/apps/v1`. */
  readonly discovery: Readonly<Record<string, JsonObject>>;
  /** Aggregated discovery of `/api` and `/apis`. */
  readonly aggregated: Readonly<Record<string, JsonObject>>;
  /** Every built-in resource in every served version. */
  readonly resources: readonly Resource[];
  /** The columns of tables, by group version and plural: `apps/v1/deployments`. */
  readonly columns: Readonly<Record<string, readonly Column[]>>;
  /** Reads an object in the API's protobuf; undefined when the bytes are none of a known kind. */
  readProtobuf(bytes: Buffer): JsonObject | undefined;
  /** An object in the API's protobuf, of a kind of this catalog or metadata of any; undefined when it is neither. */
  writeProtobuf(object: JsonObject): Buffer | undefined;
  /** The type of a kind, of a resource or not (Scale, DeleteOptions, Eviction). */
  schemaOf(kind: GroupVersionKind): Schema | undefined;
}

interface CatalogData {
  readonly version: JsonObject;
  readonly discovery: Readonly<Record<string, JsonObject>>;
  readonly aggregated: Readonly<Record<string, JsonObject>>;
  readonly types: Readonly<Record<string, OpenApiType>>;
  readonly wire: WireTypes;
  readonly columns: Readonly<Record<string, readonly Column[]>>;
}

/** One entry of an APIResourceList. */
interface ListedResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

const dataFolder = join(import.meta.dirname, '../../data');

let opened: Catalog | undefined;

/** The catalog, which all clusters of a process share; read on the first call. */
export function openCatalog(): Catalog {
  opened ??= readCatalog(readData('catalog.json.br') as CatalogData);
  return opened;
}

/** A field of an internal Go type: its name in JSON, when it is left out, and its type (`[]core.Container`, `*int32`). */
export type InternalField = readonly [name: string, omitted: string, type: string];

/** The fields of the API server's internal types by `package.Name`, as bin/go-internal/main.go wrote them down. */
export type InternalTypes = Readonly<Record<string, readonly InternalField[]>>;

/** Reads the internal types, which only refusals show. */
export function readInternalTypes(): InternalTypes {
  return readData('internal.json.br') as InternalTypes;
}

function readData(name: string): unknown {
  return JSON.parse(brotliDecompressSync(readFileSync(join(dataFolder, name))).toString('utf8'));
}

function readCatalog(data: CatalogData): Catalog {
  const typeNames = new Map<string, string>();
  for (const [name, type] of Object.entries(data.types)) {
    for (const kind of type['x-kubernetes-group-version-kind'] ?? []) {
      // DeleteOptions and WatchEvent belong to every group; the type of meta/v1 serves them all.
      typeNames.set(keyOf(kind), name);
    }
  }
  const readType = openApiReader(inGoOrder(withEmbedded(data.types, data.wire), data.wire));
  const structOf = structFinder(data.wire, typeNames);
  const schemaOf = (kind: GroupVersionKind) => {
    const name = typeNames.get(keyOf(kind));
    return name === undefined ? undefined : readType(name);
  };
  return {
    version: data.version,
    discovery: data.discovery,
    aggregated: data.aggregated,
    columns: data.columns,
    readProtobuf: (bytes) => readProtobuf(bytes, data.wire, structOf),
    writeProtobuf: protobufWriter(data, structOf),
    resources: Object.values(data.discovery).flatMap((document) => resourcesOf(document, schemaOf)),
    schemaOf,
  };
}

/** Types with the fields marked that Go has in a struct inside of theirs, which only its protobuf tells. */
function withEmbedded(types: CatalogData['types'], wire: WireTypes): Readonly<Record<string, OpenApiType>> {
  const marked: Record<string, OpenApiType> = { ...types };
  for (const [name, fields] of Object.entries(wire)) {
    const openName = openNameOf(name);
    const type = types[openName];
    for (const inner of fields.filter((field) => field.name === '' && type?.go !== undefined)) {
      const embedded = inner.type.slice(inner.type.lastIndexOf('.') + 1);
      const go = Object.entries(marked[openName]?.go ?? {}).map(([field, facts]) => {
        const isInner = (wire[inner.type] ?? []).some((one) => one.name === field);
        return [field, isInner ? { ...facts, embedded } : facts] as const;
      });
      marked[openName] = { ...marked[openName], go: Object.fromEntries(go) };
    }
  }
  return marked;
}

/** Types with their fields as Go's structs order them, which is how Go writes them; OpenAPI sorts them, but protobuf does not. */
function inGoOrder(types: CatalogData['types'], wire: WireTypes): Readonly<Record<string, OpenApiType>> {
  const ordered: Record<string, OpenApiType> = { ...types };
  for (const name of Object.keys(wire)) {
    const type = types[openNameOf(name)];
    const properties = type?.properties;
    if (properties === undefined) continue;
    const inner = fieldsInOrder(name, wire);
    // A struct that says what it is does so first.
    const order = [...['kind', 'apiVersion'].filter((field) => !inner.includes(field)), ...inner];
    const named: Record<string, OpenApiType> = {};
    for (const field of order) {
      const property = properties[field];
      if (property !== undefined) named[field] = property;
    }
    // What protobuf does not tell of comes last.
    ordered[openNameOf(name)] = { ...type, properties: { ...named, ...properties } };
  }
  return ordered;
}

function fieldsInOrder(struct: string, wire: WireTypes): string[] {
  return (wire[struct] ?? []).flatMap(({ name, type }) => (name === '' ? fieldsInOrder(type, wire) : [name]));
}

/** OpenAPI names a struct by its package turned around: `io.k8s.api.apps.v1.Deployment` for `k8s.io/api/apps/v1.Deployment`. */
function openNameOf(struct: string): string {
  return struct.replace('k8s.io', 'io.k8s').replaceAll('/', '.');
}

/** Finds the struct of a kind by the API version and the name. What says no version, as the oldest list of versions, is of v1. */
function structFinder(wire: WireTypes, typeNames: ReadonlyMap<string, string>): PackageOf {
  const structs = new Map(Object.keys(wire).map((name) => [openNameOf(name), name] as const));
  return (apiVersion, kind) => {
    if (apiVersion === 'meta.k8s.io/v1') return `k8s.io/apimachinery/pkg/apis/meta/v1.${kind}`;
    return structs.get(typeNames.get(keyOf(kindOf(apiVersion === '' ? 'v1' : apiVersion, kind))) ?? '');
  };
}

function protobufWriter({ types, wire }: CatalogData, structOf: PackageOf): Catalog['writeProtobuf'] {
  const writer = new ProtobufWriter(
    wire,
    (struct, field) => types[openNameOf(struct)]?.go?.[field]?.kind === 'ptr',
  );
  return (object) => {
    const struct = structOf(textAt(object, 'apiVersion') ?? '', textAt(object, 'kind') ?? '');
    return struct === undefined ? undefined : writer.envelope(object, struct);
  };
}

/** Resources of one group version; none when the document is no APIResourceList. */
function resourcesOf(
  document: JsonObject,
  schemaOf: (kind: GroupVersionKind) => Schema | undefined,
): Resource[] {
  const groupVersion = document['groupVersion'];
  if (typeof groupVersion !== 'string') return [];
  const { group, version } = kindOf(groupVersion, '');
  const listed = itemsAt(document, 'resources').filter(isListed);
  return listed
    .filter((entry) => !entry.name.includes('/'))
    .map((entry) => ({
      ...kindOfEntry(entry, { group, version }),
      group,
      version,
      name: entry.name,
      singular: entry.singularName,
      listKind: `${entry.kind}List`,
      shortNames: entry.shortNames ?? [],
      categories: entry.categories ?? [],
      namespaced: entry.namespaced,
      verbs: entry.verbs as Resource['verbs'],
      subresources: subresourcesOf(entry.name, listed, { group, version }),
      storage: storageOf(group, version, entry.name),
      schema: schemaOf(kindOfEntry(entry, { group, version })) ?? { kind: 'any' },
      custom: false,
    }));
}

function isListed(entry: Json): entry is JsonObject & ListedResource {
  return textAt(entry, 'name') !== undefined && textAt(entry, 'kind') !== undefined;
}

function subresourcesOf(
  resource: string,
  listed: readonly ListedResource[],
  served: { readonly group: string; readonly version: string },
): Subresource[] {
  const prefix = `${resource}/`;
  return listed
    .filter((entry) => entry.name.startsWith(prefix))
    .map((entry) => ({
      ...kindOfEntry(entry, served),
      name: entry.name.slice(prefix.length),
      verbs: entry.verbs,
    }));
}

function kindOfEntry(
  entry: ListedResource,
  served: { readonly group: string; readonly version: string },
): GroupVersionKind {
  return { group: entry.group ?? served.group, version: entry.version ?? served.version, kind: entry.kind };
}

/** Two kinds are served in more than one place: autoscalers in two versions, events in two groups. */
function storageOf(group: string, version: string, name: string): Resource['storage'] {
  if (group === 'autoscaling') return { group, version: 'v2', name };
  if (group === 'events.k8s.io') return { group: '', version: 'v1', name };
  return { group, version, name };
}

function keyOf(kind: GroupVersionKind): string {
  return `${apiVersionOf(kind.group, kind.version)}/${kind.kind}`;
}
