import type { Place } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import type { Plain } from '../values/plain.ts';
import { refuseRepeatedKeys } from '../values/repeated-keys.ts';
import { isContainer, isPlainList } from './json-document.ts';
import { readJsonOrYaml } from './json-text.ts';
import type { Beside, MergeSchema, MergeShape } from './schema.ts';

type Node = { readonly [key: string]: Plain };

/**
 * Reads OpenAPI v2 definitions as a schema for merging (kyaml openapi.go): `x-kubernetes-group-version-kind` says which
 * objects a definition is for, `x-kubernetes-patch-strategy`, `-patch-merge-key` and `-list-map-keys` how lists merge.
 * The file is read when the schema is asked for something, and refused then if upstream crashes on it (initSchema). What
 * stays of the built-in schema comes first.
 */
export function openApiSchema(text: string, place: Place, beside: Beside): MergeSchema {
  let read: MergeSchema | undefined;
  const load = (): MergeSchema => (read ??= readSchema(text, place, beside));
  return { load, shapeOf: (apiVersion, kind) => load().shapeOf(apiVersion, kind) };
}

function readSchema(text: string, place: Place, beside: Beside): MergeSchema {
  const document = readJsonOrYaml(text, place.file, '{');
  if ('problem' in document) return unusable(place, document.problem);
  // YAML becomes JSON first, which leaves one of two equal keys; JSON is read strictly.
  if (text.startsWith('{')) refuseRepeatedKeys(text, place.file);
  const root = document.value === null && text !== '' ? {} : document.value;
  if (!isNode(root)) return unusable(place, 'it is no mapping');
  const definitions = mappingIn(root, 'definitions', place);
  for (const [name, definition] of Object.entries(definitions))
    checkSchema(definition, { ...place, field: `definitions.${name}` });
  const resolver = new Resolver({ definitions }, beside, place);
  const shapes = new Map(
    Object.entries(definitions).flatMap(([name, definition]) =>
      typesOf(definition, { ...place, field: `definitions.${name}` }).map((type) => [type, name] as const),
    ),
  );
  return {
    shapeOf: (apiVersion, kind) => {
      const builtIn = beside.shapeOf(apiVersion, kind);
      if (builtIn) return builtIn;
      const name = shapes.get(`${apiVersion} ${kind}`);
      const definition = name === undefined ? undefined : definitions[name];
      return isNode(definition) ? resolver.shape(definition) : undefined;
    },
  };
}

function unusable(place: Place, problem: string): never {
  refuse({ ...place, message: `the OpenAPI file cannot be used: ${problem}`, fix: 'correct the file' });
}

function isNode(value: Plain | undefined): value is Node {
  return isContainer(value) && !isPlainList(value);
}

function mappingIn(node: Node, key: string, place: Place): Node {
  const value = Object.hasOwn(node, key) ? node[key] : null;
  if (value === null || value === undefined) return {};
  return isNode(value) ? value : unusable(place, `${key} must be a mapping`);
}

const extension = {
  types: 'x-kubernetes-group-version-kind',
  strategy: 'x-kubernetes-patch-strategy',
  mergeKey: 'x-kubernetes-patch-merge-key',
  mapKeys: 'x-kubernetes-list-map-keys',
} as const;

/** Checks what Go's reader of schemas checks, as far as it is about merging. */
function checkSchema(schema: Plain, place: Place): void {
  if (schema === null) return;
  if (!isNode(schema)) return unusable(place, 'a schema must be a mapping');
  for (const [name, property] of Object.entries(mappingIn(schema, 'properties', place)))
    checkSchema(property, { ...place, field: `${place.field ?? ''}.${name}` });
  for (const part of partsOf(schema)) checkSchema(part, place);
  const { type = null } = schema;
  if (type !== null && typeof type !== 'string' && !isTexts(type))
    unusable(place, 'type must be text or a list of texts');
}

/** The schemas of items and of fields without a name of their own. */
function partsOf({ items = null, additionalProperties: others = null }: Node): readonly Plain[] {
  const each = isContainer(items) ? (isPlainList(items) ? items : [items]) : [];
  return typeof others === 'boolean' ? each : [...each, others];
}

function isTexts(value: Plain): value is readonly string[] {
  return isContainer(value) && isPlainList(value) && value.every((each) => typeof each === 'string');
}

/** The `apiVersion kind` of the objects that a definition is for. */
function typesOf(definition: Plain, place: Place): string[] {
  const types = isNode(definition) ? definition[extension.types] : undefined;
  if (!isContainer(types) || !isPlainList(types)) return [];
  return types.filter(isNode).map(({ group, version, kind }) => {
    if (typeof version !== 'string' || typeof kind !== 'string')
      return unusable(place, `${extension.types} needs version and kind`);
    return `${typeof group === 'string' && group !== '' ? `${group}/` : ''}${version} ${kind}`;
  });
}

/** More references in a row than this lead in a circle, on which upstream hangs. */
const mostReferences = 100;

class Resolver {
  readonly #root: Node;
  readonly #beside: Beside;
  readonly #place: Place;
  readonly #shapes = new WeakMap<Node, MergeShape>();

  constructor(root: Node, beside: Beside, place: Place) {
    this.#root = root;
    this.#beside = beside;
    this.#place = place;
  }

  /** The shape of a schema after its references; the same one every time. */
  shape(schema: Plain | undefined): MergeShape | undefined {
    const ref = isNode(schema) ? schema['$ref'] : undefined;
    const builtIn =
      typeof ref === 'string' ? this.#beside.named(ref.replace('#/definitions/', '')) : undefined;
    if (builtIn) return builtIn;
    const node = this.#resolved(schema);
    if (!node) return undefined;
    let shape = this.#shapes.get(node);
    if (!shape) {
      shape = this.#made(node);
      this.#shapes.set(node, shape);
    }
    return shape;
  }

  #made(node: Node): MergeShape {
    const properties = isNode(node['properties']) ? node['properties'] : {};
    const others = isNode(node['additionalProperties']) ? node['additionalProperties'] : undefined;
    return {
      mergeKeys: mergeKeysOf(node, this.#place),
      field: (name) => this.shape(Object.hasOwn(properties, name) ? properties[name] : others),
      item: () => (isArray(node) ? this.shape(node['items']) : undefined),
    };
  }

  #resolved(schema: Plain | undefined): Node | undefined {
    let node: Plain | undefined = schema === null ? {} : schema;
    for (let hops = 0; hops < mostReferences && isNode(node); hops += 1) {
      const { $ref: ref } = node;
      if (typeof ref !== 'string' || ref === '') return node;
      node = this.#at(ref);
    }
    return undefined;
  }

  #at(ref: string): Plain | undefined {
    if (!ref.startsWith('#/')) return undefined;
    let at: Plain | undefined = this.#root;
    for (const step of ref.slice(2).split('/')) {
      const key: string = step.replaceAll('~1', '/').replaceAll('~0', '~');
      at = isNode(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    return at;
  }
}

function isArray({ type = null }: Node): boolean {
  return type === 'array' || (isTexts(type) && type.length === 1 && type[0] === 'array');
}

/** What is wrong here upstream crashes on only when a patch comes by. */
function mergeKeysOf(node: Node, place: Place): readonly string[] | undefined {
  const {
    [extension.strategy]: strategy,
    [extension.mergeKey]: key = '',
    [extension.mapKeys]: keys = [],
  } = node;
  if (strategy === undefined) return undefined;
  if (typeof strategy !== 'string' || typeof key !== 'string' || !isTexts(keys))
    return unusable(place, `${extension.strategy} and the keys beside it must be texts`);
  if (!strategy.split(',').includes('merge')) return undefined;
  if (Object.hasOwn(node, extension.mapKeys)) return keys;
  return key === '' ? [] : [key];
}
