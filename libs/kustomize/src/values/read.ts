import type { LocatedError } from '@meridian/fleet';
import { parseTree, yamlLimits, type LineOf } from '@meridian/manifests';
import { configurationDialect, resourceDialect } from './dialects.ts';
import { splitDocuments } from './split.ts';
import { isNull, type Value } from './value.ts';

/** One document of a file and the way from a field path back to its line. */
export interface ReadDocument {
  readonly value: Value;
  readonly lineOf: LineOf;
}

/** The documents of a file, or why it is refused; a file is read whole or not at all. */
export type ReadFile =
  { readonly documents: readonly ReadDocument[] } | { readonly errors: readonly LocatedError[] };

/**
 * Reads a file of resources or patches as kustomize does (kyaml kio.ByteReader, go-yaml v3): aliases and merge keys
 * expanded, empty documents left out. Values keep the text they were written with; tags that values do not fit and keys
 * that are no text or there twice are refused by `plainOf` only, when what has them is written.
 */
export function readDocuments(text: string, file: string): ReadFile {
  const odd = refuseOdd(text, file);
  if (odd) return odd;
  const lines = text.replaceAll('\r\n', '\n');
  const split = splitDocuments(lines);
  if ('refusedAt' in split)
    return refused(file, split.refusedAt, { message: split.message, fix: 'correct the line' });
  const read = parseTree(lines, file, { dialect: resourceDialect, parts: split.parts });
  if ('errors' in read) return read;
  return { documents: read.documents.filter(({ value }) => !isNull(value)) };
}

/**
 * Reads a file of kustomize's own (a kustomization, a transformer's configuration, JSON patch operations), which goes
 * through go-yaml v2 and JSON: `yes` and `off` are booleans, days are texts, the last of two equal keys counts, keys are
 * texts whatever they look like. Only the first document is read; an empty file has none.
 */
export function readConfiguration(text: string, file: string): ReadFile {
  return refuseOdd(text, file) ?? parseTree(text, file, { dialect: configurationDialect });
}

/** Refuses what no YAML may hold; texts that are too large are left to the parser to refuse. */
function refuseOdd(text: string, file: string): ReadFile | undefined {
  if (text.startsWith(twoMarks)) return refused(file, 1, oddMarks);
  const odd = text.length > yamlLimits.maxBytes ? null : oddCharacter.exec(text);
  return odd ? refused(file, lineAt(text, odd.index), oddity(odd[0])) : undefined;
}

/** go-yaml passes over the second mark, and from then on over the first character of every line. */
const twoMarks = '\ufeff\ufeff';
const oddMarks = { message: 'the file starts with two byte order marks', fix: 'remove them' };

/** Characters that go-yaml refuses wherever they stand. */
const oddCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function oddity(character: string): { readonly message: string; readonly fix: string } {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return {
    message: `the file holds the control character U+${code}`,
    fix: `remove it, or write it as "\\u${code}" in double quotes`,
  };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function refused(
  file: string,
  line: number,
  { message, fix }: { readonly message: string; readonly fix: string },
): ReadFile {
  return { errors: [{ file, line, message, fix }] };
}
