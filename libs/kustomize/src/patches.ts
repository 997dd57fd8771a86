import type { LocatedError } from '@meridian/fleet';
import { parseYaml, type YamlDocument } from '@meridian/manifests';
import { readNamed, resourcesOf, type Place } from './files.ts';
import { applyPatch, parsePatch, PatchMismatch, type PatchOperation } from './json-patch.ts';
import type { Kustomization, PatchFields } from './kustomization.ts';
import { mergeShapeOf } from './merge-schema.ts';
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
    const { documents, file } = patchText(target, entry, place);
    const operations = jsonOperations(documents);
    if (operations) patchByOperations(target, operations, { entry, place });
    else patchByMerge(target, smResources(documents, file, place), { entry, place });
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
    const inline = /[\n:]/.test(item);
    const file = inline ? kustomization.file : joined(kustomization.dir, item);
    const text = inline ? item : readNamed(target.tree, kustomization.dir, item, place);
    patchByMerge(target, smResources(documentsIn(text, file, inline ? place : undefined), file, place), {
      entry: {},
      place,
    });
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
    const { documents } = patchText(target, entry, place);
    const parsed =
      documents.length === 1
        ? parsePatch(copyOf(documents[0]?.value ?? null))
        : 'the patch must be one document';
    if (typeof parsed === 'string')
      refuse({ ...place, message: parsed, fix: 'write a list of op, path and value' });
    patchByOperations(target, parsed, { entry, place });
    target.accumulation.changed();
  }
}

interface Entry {
  readonly entry: PatchFields;
  readonly place: Place;
}

const joined = (dir: string, path: string): string => (dir === '' ? path : `${dir}/${path}`);

function patchText(
  target: Target,
  entry: PatchFields,
  place: Place,
): { documents: readonly YamlDocument[]; file: string } {
  const { path = '', patch = '' } = entry;
  if ((path === '') === (patch.trim() === '')) {
    refuse({ ...place, message: 'a patch needs either path or patch', fix: 'give one of the two' });
  }
  const { dir, file: own } = target.kustomization;
  if (path === '') return { documents: documentsIn(patch, own, place), file: own };
  const file = joined(dir, path);
  return { documents: documentsIn(readNamed(target.tree, dir, path, place), file, undefined), file };
}

/** An inline text has its errors at the place of its entry, because its own lines mean nothing to the reader. */
function documentsIn(text: string, file: string, inline: Place | undefined): readonly YamlDocument[] {
  const parsed = parseYaml(text, file);
  if ('errors' in parsed) {
    const relocate = (error: LocatedError): LocatedError => ({
      ...error,
      ...inline,
      message: `in the patch, line ${error.line ?? 1}: ${error.message}`,
    });
    throw new Refusal(inline ? parsed.errors.map(relocate) : parsed.errors);
  }
  return parsed.documents.filter(({ value }) => value !== null);
}

function jsonOperations(documents: readonly YamlDocument[]): PatchOperation[] | undefined {
  const value = documents.length === 1 ? documents[0]?.value : undefined;
  if (!Array.isArray(value)) return undefined;
  const parsed = parsePatch(copyOf(value));
  return typeof parsed === 'string' ? undefined : parsed;
}

function smResources(documents: readonly YamlDocument[], file: string, place: Place): Resource[] {
  const [first] = documents;
  if (first && Array.isArray(first.value)) {
    const parsed = parsePatch(copyOf(first.value));
    const reason = typeof parsed === 'string' ? parsed : 'a JSON patch must be one document';
    refuse({
      ...place,
      message: `the patch is neither a strategic merge patch nor a JSON patch: ${reason}`,
      fix: 'correct the operation',
    });
  }
  if (documents.length === 0) refuse({ ...place, message: 'the patch is empty', fix: 'remove the entry' });
  return resourcesOf(documents, file);
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
