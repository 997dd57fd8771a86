import { base64Text } from '@meridian/manifests';
import { readNamed, type Place } from './files.ts';
import type { GeneratorFields, GeneratorOptionFields } from './kustomization.ts';
import type { Target } from './patches.ts';
import { refuse } from './refusal.ts';
import { idOf, idText, metadataOf, newResource, type Resource } from './resource.ts';
import { baseName } from './tree.ts';
import { fieldOf, isAllowedKey, isFields, type Fields, type Value } from './value.ts';

type Kind = 'ConfigMap' | 'Secret';

/** The `configMapGenerator` and then the `secretGenerator` of a kustomization. */
export function runGenerators(target: Target): void {
  const { configMapGenerator = [], secretGenerator = [] } = target.kustomization.fields;
  for (const [index, entry] of configMapGenerator.entries())
    generate(target, 'ConfigMap', { entry, field: ['configMapGenerator', index] });
  for (const [index, entry] of secretGenerator.entries())
    generate(target, 'Secret', { entry, field: ['secretGenerator', index] });
}

interface Generating {
  readonly entry: GeneratorFields;
  readonly field: readonly [string, number];
}

function generate(target: Target, kind: Kind, { entry, field }: Generating): void {
  const { kustomization, accumulation } = target;
  const place: Place = { ...kustomization.at(...field), field: `${field[0]}[${field[1]}]` };
  const options = mergedOptions(kustomization.fields.generatorOptions, entry.options);
  const made = newResource(
    objectOf(kind, entry, { pairs: pairsOf(target, entry, place), options, place }),
    place,
  );
  made.hashed = options.disableNameSuffixHash !== true;
  const matches = accumulation.withId(idOf(made));
  const behavior = filled(entry.behavior) ?? 'create';
  if (behavior === 'create' || behavior === 'unspecified') {
    if (matches.length > 0) {
      refuse({
        ...place,
        message: `${idText(idOf(made))} exists already`,
        fix: 'set behavior to merge or replace',
      });
    }
    accumulation.append([made]);
  } else if (behavior === 'merge' || behavior === 'replace') {
    absorb(made, matches, { behavior, place });
    accumulation.changed();
  } else refuse({ ...place, message: `unknown behavior ${behavior}`, fix: 'use create, merge or replace' });
}

/** Options of the entry win; a hash or mutability that the whole kustomization switches off stays off. */
function mergedOptions(
  common: GeneratorOptionFields = {},
  own: GeneratorOptionFields = {},
): GeneratorOptionFields {
  return {
    labels: { ...common.labels, ...own.labels },
    annotations: { ...common.annotations, ...own.annotations },
    disableNameSuffixHash: (common.disableNameSuffixHash ?? false) || (own.disableNameSuffixHash ?? false),
    immutable: (common.immutable ?? false) || (own.immutable ?? false),
  };
}

interface Making {
  readonly pairs: ReadonlyMap<string, string>;
  readonly options: GeneratorOptionFields;
  readonly place: Place;
}

function objectOf(kind: Kind, entry: GeneratorFields, { pairs, options, place }: Making): Fields {
  const name =
    filled(entry.name) ?? refuse({ ...place, message: 'the generator has no name', fix: 'add name' });
  const object: Fields = {
    apiVersion: 'v1',
    kind,
    metadata: metadataFor(name, filled(entry.namespace), options),
  };
  if (kind === 'Secret') object['type'] = filled(entry.type) ?? 'Opaque';
  if (pairs.size > 0 || kind === 'Secret') {
    const encode = kind === 'Secret' ? wrappedBase64 : (value: string): string => value;
    object['data'] = Object.fromEntries([...pairs].map(([key, value]) => [key, encode(value)]));
  }
  if (options.immutable === true) object['immutable'] = true;
  return object;
}

/** Kustomize takes an empty text for an absent one. */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function metadataFor(name: string, namespace: string | undefined, options: GeneratorOptionFields): Fields {
  const metadata: Fields = { name };
  if (namespace !== undefined) metadata['namespace'] = namespace;
  for (const field of ['labels', 'annotations'] as const) {
    if (Object.keys(options[field] ?? {}).length > 0) metadata[field] = { ...options[field] };
  }
  return metadata;
}

const wrapAt = 70;

/** Kustomize breaks long base64 into lines of 70 characters, each ended; the hash is taken over that text. */
function wrappedBase64(value: string): string {
  const text = base64Text(value);
  return text.length < wrapAt ? text : text.replace(/.{1,70}/g, '$&\n');
}

function pairsOf(target: Target, entry: GeneratorFields, place: Place): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const [key, value] of sourcePairs(target, entry, place)) {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || !isAllowedKey(key)) {
      refuse({
        ...place,
        message: `${JSON.stringify(key)} is no valid key`,
        fix: 'use letters, digits, -, _ and .',
      });
    }
    if (pairs.has(key))
      refuse({ ...place, message: `the key ${key} is there twice`, fix: 'remove one of the two' });
    pairs.set(key, value);
  }
  return pairs;
}

function sourcePairs(
  { tree, kustomization }: Target,
  entry: GeneratorFields,
  place: Place,
): [string, string][] {
  const read = (path: string): string => readNamed(tree, kustomization.dir, path, place);
  const envs = [...(entry.envs ?? []), filled(entry.env)].filter((path) => path !== undefined);
  return [
    ...envs.flatMap((path) => envPairs(read(path), path, place)),
    ...(entry.literals ?? []).map((literal, index) => literalPair(literal, index, place)),
    ...(entry.files ?? []).map((source): [string, string] => {
      const { key, path } = fileSource(source, place);
      return [key, read(path)];
    }),
  ];
}

function literalPair(literal: string, index: number, place: Place): [string, string] {
  const sign = literal.indexOf('=');
  // The text may be a secret, so it is not repeated.
  if (sign < 1)
    refuse({ ...place, message: `literal ${index + 1} is not key=value`, fix: 'write key=value' });
  const value = literal.slice(sign + 1);
  const quoted = value.length > 1 && (value[0] === '"' || value[0] === "'") && value.at(-1) === value[0];
  return [literal.slice(0, sign), quoted ? value.slice(1, -1) : value];
}

function fileSource(source: string, place: Place): { key: string; path: string } {
  const parts = source.split('=');
  const [first = '', second] = parts;
  if (second === undefined) return { key: baseName(first), path: first };
  if (parts.length > 2 || first === '' || second === '') {
    refuse({
      ...place,
      message: `the file source ${JSON.stringify(source)} is not path or key=path`,
      fix: 'write key=path',
    });
  }
  return { key: first, path: second };
}

function envPairs(text: string, path: string, place: Place): [string, string][] {
  const pairs: [string, string][] = [];
  for (const raw of text.replace(/^\uFEFF/, '').split('\n')) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const sign = line.indexOf('=');
    const key = sign < 0 ? line : line.slice(0, sign);
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key)) {
      refuse({ ...place, message: `${path} holds a line that is not KEY=value`, fix: 'correct the line' });
    }
    pairs.push([key, sign < 0 ? '' : line.slice(sign + 1)]);
  }
  return pairs;
}

type Absorbing = 'merge' | 'replace';

/** Replaces or completes what an earlier target generated, in its place and under its name. */
function absorb(
  made: Resource,
  matches: readonly Resource[],
  { behavior, place }: { behavior: Absorbing; place: Place },
): void {
  const [old] = matches;
  if (!old || matches.length > 1) {
    const found = old ? `fits ${matches.length} objects` : 'does not exist';
    const fix = old ? 'use distinct names' : 'set behavior to create';
    refuse({ ...place, message: `${idText(idOf(made))} ${found}, so there is nothing to ${behavior}`, fix });
  }
  const [oldMeta, newMeta] = [metadataOf(old), metadataOf(made)];
  for (const field of ['labels', 'annotations'])
    put(oldMeta, field, someOf({ ...mapAt(oldMeta, field), ...mapAt(newMeta, field) }));
  for (const field of ['data', 'binaryData']) {
    const kept = behavior === 'merge' ? mapAt(old.fields, field) : {};
    put(old.fields, field, someOf({ ...kept, ...mapAt(made.fields, field) }));
  }
  for (const field of ['type', 'immutable']) put(old.fields, field, fieldOf(made.fields, field));
  old.hashed = old.hashed && made.hashed;
}

function put(holder: Fields, key: string, value: Value | undefined): void {
  if (value === undefined) delete holder[key];
  else holder[key] = value;
}

function someOf(map: Fields): Fields | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}

function mapAt(fields: Fields, key: string): Fields {
  const map = fieldOf(fields, key);
  return isFields(map) ? map : {};
}
