import { Refusal } from '../refusal.ts';
import { goJson } from '../values/json.ts';
import type { Plain } from '../values/plain.ts';
import { plainOf } from '../values/plain.ts';
import { readConfiguration } from '../values/read.ts';

/** How inline values meet those of the file, in kustomize's words. */
export const valuesMerges = ['override', 'merge', 'replace'] as const;

type Mapping = { readonly [key: string]: Plain };

/**
 * The values that a chart is given: those of the file, and inline ones over them (`override`), under them (`merge`) or
 * instead of them (`replace`). As in kustomize they are merged before helm sees them, so that a null takes away the value of
 * the file and leaves the chart's own default.
 */
export function mergedValues(
  file: { readonly text: string; readonly path: string },
  inline: Mapping,
  how: (typeof valuesMerges)[number],
): string {
  if (Object.keys(inline).length === 0) return file.text;
  if (how === 'replace') return goJson(inline);
  const fromFile = valuesIn(file.text, file.path);
  return goJson(how === 'override' ? merged(fromFile, inline) : merged(inline, fromFile));
}

/** The values in the text of a file; refuses what is no mapping. */
export function valuesIn(text: string, path: string): Mapping {
  const read = readConfiguration(text, path);
  if ('errors' in read) throw new Refusal(read.errors);
  const [document] = read.documents;
  const plain = document ? plainOf(document.value) : null;
  if (plain === null) return {};
  if (isMapping(plain)) return plain;
  throw new Refusal([{ file: path, line: 1, message: 'values must be a mapping', fix: 'write name: value' }]);
}

function merged(below: Mapping, above: Mapping): Mapping {
  const result: Record<string, Plain> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = below[key];
    if (value === null) delete result[key];
    else result[key] = isMapping(value) && old !== undefined && isMapping(old) ? merged(old, value) : value;
  }
  return result;
}

function isMapping(value: Plain): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
