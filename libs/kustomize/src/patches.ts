import type { LocatedError } from '@meridian/fleet';
import { parseYaml, type ParseOptions, type YamlDocument } from '@meridian/manifests';
import { readNamed, resourcesOf, type Place } from './files.ts';
import { applyPatch, parsePatch, PatchMismatch, type PatchOperation } from './json-patch.ts';
import type { Kustomization, PatchFields } from './kustomization.ts';
import { mergeShapeOf } from './merge-schema.ts';
import { remembered } from './remembered.ts';
import { Refusal, refuse } from './refusal.ts';
import {
  gvkOf,
  idOf,
  idText,
  metadataOf,
  rememberId,
  setName,
  type Accumulation,
  type Resource,
} from './resource.ts';
import { selectResources } from './selection.ts';
import { MergeMismatch, mergePatch } from './strategic-merge.ts';
import type { FileTree } from './tree.ts';
import { copyFields, copyOf, fieldOf, type Fields } from './value.ts';

/** What a step of the build works on. */
export interface Target {
  readonly tree: FileTree;
  readonly kustomization: Kustomization;
  readonly accumulation: Accumulation;
}

/** The `patches` of a kustomization: strategic merge or JSON 6902, in a file or inline. */
export function applyPatches(target: Target): void {
  const { kustomization } = target;
  for (const [index, entry] of (kustomization.fields.patches ?? []).entries()) {
    const place: Place = { ...kustomization.at('patches', index), field: `patches[${index}]` };
    const source = patchText(target, entry, place);
    const operations = operationsIn(source);
    if (operations) patchByOperations(target, soundOperations(operations, place), { entry, place });
    else patchByMerge(target, mergePatches(source, place), { entry, place });
    target.accumulation.changed();
  }
}

/** The `patchesStrategicMerge` of a kustomization, each a file or an inline document. */
export function applyStrategicMerges(target: Target): void {
  const { kustomization } = target;
  for (const [index, item] of (kustomization.fields.patchesStrategicMerge ?? []).entries()) {
    const place: Place = {
      ...kustomization.at('patchesStrategicMerge', index),
      field: `patchesStrategicMerge[${index}]`,
    };
    const entry: PatchFields = /[\n:]/.test(item) ? { patch: item } : { path: item };
    patchByMerge(target, mergePatches(patchText(target, entry, place), place), { entry: {}, place });
    target.accumulation.changed();
  }
}

/** The `patchesJson6902` of a kustomization. */
export function applyJsonPatches(target: Target): void {
  const { kustomization } = target;
  for (const [index, entry] of (kustomization.fields.patchesJson6902 ?? []).entries()) {
    const place: Place = {
      ...kustomization.at('patchesJson6902', index),
      field: `patchesJson6902[${index}]`,
    };
    const operations =
      operationsIn(patchText(target, entry, place)) ?? 'a JSON patch is a list of operations';
    patchByOperations(target, soundOperations(operations, place), { entry, place });
    target.accumulation.changed();
  }
}

function soundOperations(operations: PatchOperation[] | string, place: Place): PatchOperation[] {
  if (typeof operations !== 'string') return operations;
  refuse({
    ...place,
    message: `the JSON patch is wrong: ${operations}`,
    fix: 'write a list of op, path and value',
  });
}

interface Entry {
  readonly entry: PatchFields;
  readonly place: Place;
}

const joined = (dir: string, path: string): string => (dir === '' ? path : `${dir}/${path}`);

type Dialect = NonNullable<ParseOptions['dialect']>;

interface PatchText {
  readonly tree: FileTree;
  readonly text: string;
  readonly file: string;
  /** Place of an inline text, whose own lines mean nothing to the reader. */
  readonly inline?: Place;
}

function patchText(target: Target, entry: PatchFields, place: Place): PatchText {
  const { path = '', patch = '' } = entry;
  if ((path === '') === (patch.trim() === '')) {
    refuse({ ...place, message: 'a patch needs either path or patch', fix: 'give one of the two' });
  }
  const { dir, file } = target.kustomization;
  if (path === '') return { tree: target.tree, text: patch, file, inline: place };
  return { tree: target.tree, text: readNamed(target.tree, dir, path, place), file: joined(dir, path) };
}

function documentsIn(source: PatchText, dialect: Dialect = 'resource'): readonly YamlDocument[] {
  // An inline text is its own key: its errors are never kept, and its lines mean nothing.
  const key = source.inline ? `inline ${dialect} ${source.text}` : `patch ${dialect} ${source.file}`;
  return remembered(source.tree, key, () => parsePatchText(source, dialect));
}

function parsePatchText({ text, file, inline }: PatchText, dialect: Dialect): readonly YamlDocument[] {
  const parsed = parseYaml(text, file, { dialect });
  if ('documents' in parsed) return parsed.documents.filter(({ value }) => value !== null);
  const relocate = (error: LocatedError): LocatedError => ({
    ...error,
    ...inline,
    message: `in the patch, line ${error.line ?? 1}: ${error.message}`,
  });
  throw new Refusal(inline ? parsed.errors.map(relocate) : parsed.errors);
}

/** The operations of a JSON patch, undefined when the text is none, a text when it is a wrong one. */
function operationsIn(source: PatchText): PatchOperation[] | string | undefined {
  const [first, ...more] = documentsIn(source, 'configuration');
  if (!Array.isArray(first?.value)) return undefined;
  return more.length > 0 ? 'a JSON patch must be one document' : parsePatch(copyOf(first.value));
}

function mergePatches(source: PatchText, place: Place): Resource[] {
  const documents = documentsIn(source);
  if (documents.length === 0) refuse({ ...place, message: 'the patch is empty', fix: 'remove the entry' });
  return resourcesOf(documents, source.file);
}

function patchByMerge(target: Target, patches: readonly Resource[], { entry, place }: Entry): void {
  if (entry.target && patches.length > 1) {
    refuse({
      ...place,
      message: 'a patch with a target must be one document',
      fix: 'use one entry per document',
    });
  }
  for (const patch of patches) {
    const selected = entry.target
      ? selectResources(target.accumulation.resources, entry.target, place)
      : [uniqueTarget(target, patch, place)];
    for (const resource of selected) mergeInto(resource, patch, { entry, place });
    target.accumulation.changed();
  }
}

function uniqueTarget(target: Target, patch: Resource, place: Place): Resource {
  const found = target.accumulation.withId(idOf(patch));
  const [only] = found;
  if (only && found.length === 1) return only;
  const what = idText(idOf(patch));
  const namesakes = target.accumulation.resources.filter(
    (each) => idOf(each).name === idOf(patch).name && idOf(each).kind === idOf(patch).kind,
  );
  const near =
    namesakes[0] && found.length === 0
      ? `; there is ${idText(idOf(namesakes[0]))} (${gvkText(namesakes[0])})`
      : '';
  const message =
    found.length === 0
      ? `the patch is for ${what}, which is not there${near}`
      : `the patch is for ${what}, which fits ${found.length} objects`;
  refuse({
    ...place,
    message,
    fix: 'correct its apiVersion, kind, name and namespace, or give the patch a target',
  });
}

function gvkText(resource: Resource): string {
  const { group, version } = gvkOf(resource.fields);
  return group === '' ? version : `${group}/${version}`;
}

function mergeInto(resource: Resource, patch: Resource, { entry, place }: Entry): void {
  const { allowNameChange = false, allowKindChange = false } = entry.options ?? {};
  const { name, namespace } = idOf(resource);
  if (allowNameChange || allowKindChange) rememberId(resource);
  const header = headerOf(resource.fields);
  const copy = copyFields(patch.fields);
  const survives = told(place, `cannot merge into ${idText(idOf(resource))}`, () =>
    mergePatch(resource.fields, copy, mergeShapeOf(gvkOf(resource.fields))),
  );
  if (!survives) {
    clear(resource.fields);
    return;
  }
  if (!allowKindChange) Object.assign(resource.fields, header);
  if (!allowNameChange) setName(resource, name);
  restoreNamespace(resource, namespace);
}

function headerOf(fields: Fields): Fields {
  const header: Fields = {};
  for (const key of ['apiVersion', 'kind']) {
    const value = fieldOf(fields, key);
    if (value !== undefined) header[key] = value;
  }
  return header;
}

/** A patch never moves an object to another namespace. */
function restoreNamespace(resource: Resource, namespace: string): void {
  const metadata = metadataOf(resource);
  if (namespace !== '') metadata['namespace'] = namespace;
  else delete metadata['namespace'];
}

function clear(fields: Fields): void {
  for (const key of Object.keys(fields)) delete fields[key];
}

function patchByOperations(
  target: Target,
  operations: readonly PatchOperation[],
  { entry, place }: Entry,
): void {
  if (!entry.target)
    refuse({ ...place, message: 'a JSON patch needs a target', fix: 'add target with kind and name' });
  for (const resource of selectResources(target.accumulation.resources, entry.target, place)) {
    rememberId(resource);
    told(place, `cannot patch ${idText(idOf(resource))}`, () => {
      applyPatch(resource.fields, operations);
    });
  }
}

function told<Result>(place: Place, what: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof MergeMismatch || error instanceof PatchMismatch)) throw error;
    refuse({ ...place, message: `${what}: ${error.message}`, fix: 'correct the patch' });
  }
}
