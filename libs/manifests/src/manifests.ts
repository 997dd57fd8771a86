import { yamlLimits, type YamlLimits } from './limits.ts';
import type { Json, JsonObject, KubeObject } from './object.ts';
import { parseYaml, type YamlDocument } from './parse.ts';
import { fieldText, type ManifestError } from './problem.ts';

/** A Kubernetes object and where it was written. */
export interface LocatedObject {
  readonly object: KubeObject;
  readonly file: string;
  readonly line: number;
}

/** The objects of a file in order, or everything that is wrong with it. */
export type ParsedManifests =
  { readonly objects: readonly KubeObject[] } | { readonly errors: readonly ManifestError[] };

/** As {@link ParsedManifests}, each object with its place. */
export type LocatedManifests =
  { readonly objects: readonly LocatedObject[] } | { readonly errors: readonly ManifestError[] };

/** Parses a file of Kubernetes objects. Empty documents are skipped and `List` kinds are expanded in place. */
export function parseManifests(text: string, file: string, limits: YamlLimits = yamlLimits): ParsedManifests {
  const parsed = parseLocatedManifests(text, file, limits);
  return 'errors' in parsed ? parsed : { objects: parsed.objects.map(({ object }) => object) };
}

/** {@link parseManifests} that keeps the line of every object. */
export function parseLocatedManifests(
  text: string,
  file: string,
  limits: YamlLimits = yamlLimits,
): LocatedManifests {
  const parsed = parseYaml(text, file, { limits });
  if ('errors' in parsed) return parsed;
  const objects: LocatedObject[] = [];
  const errors: ManifestError[] = [];
  for (const document of parsed.documents) {
    if (document.value === null) continue;
    collect(document, [], { file, objects, errors });
  }
  return errors.length > 0 ? { errors } : { objects };
}

interface Collected {
  readonly file: string;
  readonly objects: LocatedObject[];
  readonly errors: ManifestError[];
}

function collect(document: YamlDocument, path: readonly (string | number)[], into: Collected): void {
  const value = at(document.value, path);
  const items = listItems(value);
  if (items) {
    items.forEach((_, index) => collect(document, [...path, 'items', index], into));
    return;
  }
  const wrong = objectProblem(value);
  if (wrong) {
    const { step, message, fix } = wrong;
    const field = [...path, ...step];
    const line = document.lineOf(field);
    into.errors.push({
      file: into.file,
      line,
      ...(field.length > 0 ? { field: fieldText(field) } : {}),
      message,
      fix,
    });
    return;
  }
  into.objects.push({ object: value as KubeObject, file: into.file, line: document.lineOf(path) });
}

function at(value: Json, path: readonly (string | number)[]): Json {
  let here: Json = value;
  for (const step of path) here = (here as { readonly [step: string | number]: Json })[step] ?? null;
  return here;
}

/** The items of a `List` kind; undefined for any other value. */
export function listItems(value: Json): readonly Json[] | undefined {
  if (!isJsonObject(value)) return undefined;
  const { kind, items } = value;
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
    ? (items as readonly Json[])
    : undefined;
}

/** Whether a value is a JSON object (no list, no null). */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why a value is no Kubernetes object; undefined when it is one. `step` leads from the value to the offending field. */
export function objectProblem(
  value: Json,
): { step: readonly string[]; message: string; fix: string } | undefined {
  if (!isJsonObject(value)) {
    return {
      step: [],
      message: 'a Kubernetes object must be a mapping',
      fix: 'start with apiVersion, kind and metadata',
    };
  }
  for (const field of ['apiVersion', 'kind']) {
    if (typeof value[field] !== 'string' || value[field] === '') {
      return {
        step: value[field] === undefined ? [] : [field],
        message: `${field} is missing or no text`,
        fix: `add ${field}`,
      };
    }
  }
  if (typeof value['kind'] === 'string' && value['kind'].startsWith('ENC[AES256_GCM,'))
    return {
      step: ['kind'],
      message: 'SOPS has encrypted the whole object, so that nobody can tell what it is',
      fix: "encrypt its values only: sops --encrypt --encrypted-regex '^(data|stringData)$'",
    };
  const { metadata } = value;
  if (!isJsonObject(metadata))
    return { step: [], message: 'metadata is missing or no mapping', fix: 'add metadata.name' };
  return metadataProblem(metadata);
}

function metadataProblem(metadata: JsonObject): ReturnType<typeof objectProblem> {
  const { name } = metadata;
  if (typeof name !== 'string' || name === '') {
    const generated = metadata['generateName'] !== undefined;
    const fix = generated ? 'a declared object needs a fixed name: use metadata.name' : 'add metadata.name';
    const step = name === undefined ? ['metadata'] : ['metadata', 'name'];
    return { step, message: 'metadata.name is missing or no text', fix };
  }
  return (
    nameProblem(metadata, 'name') ??
    nameProblem(metadata, 'namespace') ??
    textMapProblem(metadata, 'labels') ??
    textMapProblem(metadata, 'annotations')
  );
}

function nameProblem(metadata: JsonObject, field: string): ReturnType<typeof objectProblem> {
  const text = metadata[field] ?? undefined;
  if (text === undefined || (typeof text === 'string' && isNameText(text))) return undefined;
  const message = `metadata.${field} is no text or holds characters that no name may have`;
  return { step: ['metadata', field], message, fix: 'use a-z, 0-9, - and .' };
}

/** Printable ASCII without what the API path syntax forbids: the loosest rule any Kubernetes kind has. */
function isNameText(text: string): boolean {
  return /^[!-~]{1,253}$/.test(text) && !/[/%\\]/.test(text) && text !== '.' && text !== '..';
}

function textMapProblem(metadata: JsonObject, field: string): ReturnType<typeof objectProblem> {
  const map = metadata[field];
  if (map === undefined || map === null) return undefined;
  if (!isJsonObject(map))
    return {
      step: ['metadata', field],
      message: `metadata.${field} must be a mapping`,
      fix: 'write key: value pairs',
    };
  for (const [key, value] of Object.entries(map)) {
    if (typeof value === 'string') continue;
    const message = `the value of metadata.${field} ${JSON.stringify(key)} must be text`;
    return { step: ['metadata', field, key], message, fix: `quote it: ${key}: "${JSON.stringify(value)}"` };
  }
  return undefined;
}
