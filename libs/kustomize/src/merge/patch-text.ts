import { resourcesIn } from '../build/documents.ts';
import type { Profile } from '../build/step.ts';
import { outcomeOf } from '../refusal.ts';
import type { Resource } from '../resources/resource.ts';
import { operationsIn, type Operation } from './json-patch.ts';
import { readJsonOrYaml, type Read } from './json-text.ts';

/** What a patch says: objects to merge, or operations of a JSON patch. */
export type PatchText =
  | { readonly kind: 'merge'; readonly patches: readonly Resource[] }
  | { readonly kind: 'operations'; readonly operations: readonly Operation[] };

/**
 * Reads the text of an entry of `patches` as both kinds of patch and decides as kustomize does (PatchTransformer): it must
 * be one of them. In 5.5 a text that says nothing is an error, in 5.8 it is a patch that does nothing.
 */
export function readPatchText(text: string, file: string, profile: Profile): Read<PatchText> {
  return readPlainly(text, file) ?? readAsBoth(text, file, profile);
}

/** What cannot be both need not be read as both: a single document with an object in it, and a list with items. */
function readPlainly(text: string, file: string): PatchText | undefined {
  if (/^-\s/.test(text)) {
    const operations = readOperations(text, file);
    return 'problem' in operations || operations.length === 0
      ? undefined
      : { kind: 'operations', operations };
  }
  if (text.includes('---')) return undefined;
  const patches = readMergePatches(text, file);
  return 'problem' in patches || patches.length === 0 ? undefined : { kind: 'merge', patches };
}

function readAsBoth(text: string, file: string, profile: Profile): Read<PatchText> {
  const merge = readMergePatches(text, file);
  const operations = text === '' ? { problem: 'it is empty' } : readOperations(text, file);
  if ('problem' in merge) {
    if ('problem' in operations) return { problem: neither(text, merge.problem, operations.problem) };
    return { kind: 'operations', operations };
  }
  const isAmbiguous =
    !('problem' in operations) && (profile === '5.5' || merge.length * operations.length > 0);
  if (isAmbiguous) return { problem: 'it can be read as an object to merge and as a JSON patch' };
  // In 5.5 a text without any object is left to the JSON patch, which needs a target and takes an empty mapping for wrong.
  if (merge.length === 0 && profile === '5.5')
    return { kind: 'operations', operations: text === '' ? [] : [notAnOperation] };
  return { kind: 'merge', patches: merge };
}

const notAnOperation: Operation = { op: undefined, path: undefined, from: undefined, value: undefined };

function neither(text: string, merge: string, operations: string): string {
  return /^\s*(?:-\s|\[)/.test(text)
    ? `it is no JSON patch: ${operations}`
    : `it is no object to merge (${merge}) and no JSON patch (${operations})`;
}

/** Reads objects to merge. */
export function readMergePatches(text: string, file: string): Read<readonly Resource[]> {
  const read = outcomeOf(() => resourcesIn(text, file));
  if (!('errors' in read)) return read;
  const [first] = read.errors;
  return { problem: first ? `line ${first.line ?? 1}: ${first.message}` : 'it cannot be read' };
}

/** Reads the operations of a JSON patch: JSON when the text starts with a bracket, YAML otherwise. */
export function readOperations(text: string, file: string): Read<readonly Operation[]> {
  const document = readJsonOrYaml(text, file, '[');
  if ('problem' in document) return document;
  const operations = operationsIn(document.value);
  return typeof operations === 'string' ? { problem: operations } : operations;
}
