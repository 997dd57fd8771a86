import { parseEvents, YAMLException } from 'js-yaml';
import { Composer } from './compose.ts';
import type { Dialect, Tree } from './dialect.ts';
import { lineIndex } from './line-index.ts';
import { type YamlLimits, yamlLimits } from './limits.ts';
import type { Places } from './mapping.ts';
import type { Json } from './object.ts';
import type { ManifestError } from './problem.ts';
import { YamlRefusal } from './refusal.ts';
import { manifestDialect } from './scalar.ts';
import { refuseTabs } from './tabs.ts';
import { findUnclosed } from './unclosed.ts';

/** One document of a YAML file and the way from a field path back to its line. */
export interface YamlDocument {
  readonly value: Json;
  readonly lineOf: LineOf;
}

/** Line of the value at `path`, counted from 1; of its nearest ancestor when the path does not exist. */
export type LineOf = (path: readonly (string | number)[]) => number;

/** A {@link YamlDocument} whose scalars are what a dialect makes of them. */
export interface TreeDocument<S> {
  readonly value: Tree<S>;
  readonly lineOf: LineOf;
}

/** {@link ParsedYaml} over the scalars of a dialect. */
export type ParsedTree<S> =
  { readonly documents: readonly TreeDocument<S>[] } | { readonly errors: readonly ManifestError[] };

/** The documents of a file, or why it is refused; a file is read whole or not at all. */
export type ParsedYaml =
  { readonly documents: readonly YamlDocument[] } | { readonly errors: readonly ManifestError[] };

/** How a file is parsed. */
export interface ParseOptions {
  readonly limits?: YamlLimits;
}

/**
 * Parses a YAML (or JSON) file into plain JSON values: no aliases, tags, dates or prototypes are left. `file` is
 * used in errors only. Hostile input (bombs, depth, size) is refused in bounded time by the limits.
 */
export function parseYaml(text: string, file: string, { limits }: ParseOptions = {}): ParsedYaml {
  return parseTree(text, file, { dialect: manifestDialect, ...(limits ? { limits } : {}) });
}

/** {@link parseYaml} with any meaning of scalars, keys, tags and merge keys. */
export function parseTree<S>(
  text: string,
  file: string,
  { dialect, limits = yamlLimits }: { dialect: Dialect<S>; limits?: YamlLimits },
): ParsedTree<S> {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const refused = refuseUnread(source, file, limits);
  if (refused) return { errors: [refused] };
  return readTree(source, file, { dialect, limits });
}

/** How much text the parser may go through again after mending. */
const mendingBudget = 8_000_000;

function readTree<S>(
  text: string,
  file: string,
  options: { readonly dialect: Dialect<S>; readonly limits: YamlLimits },
): ParsedTree<S> {
  let source = text;
  let budget = mendingBudget;
  for (;;) {
    try {
      return { documents: documentsOf(source, options) };
    } catch (error) {
      budget -= source.length;
      const mended = budget > 0 ? mend(source, error, options.dialect) : undefined;
      if (mended === undefined) return { errors: [located(error, source, file)] };
      source = mended;
    }
  }
}

function documentsOf<S>(
  source: string,
  { dialect, limits }: { readonly dialect: Dialect<S>; readonly limits: YamlLimits },
): TreeDocument<S>[] {
  const events = parseEvents(source, { maxDepth: limits.maxDepth });
  if (dialect.noStrayTabs === true) refuseTabs(source, events);
  const lines = lineIndex(source);
  const composer = new Composer(source, events, { limits, dialect, lines });
  // Only the places: who keeps a document for its lines must not keep all that it was made of.
  const { places } = composer;
  return composer.documents().map(({ value, offset }) => ({
    value,
    lineOf: (path) => lines(locate(places, value, path, offset)),
  }));
}

function mend<S>(source: string, error: unknown, dialect: Dialect<S>): string | undefined {
  if (!(error instanceof YAMLException) || !error.mark) return undefined;
  return dialect.mend?.(source, { reason: error.reason, offset: error.mark.position });
}

/** What can be told from the bytes alone, before the parser spends anything on them. */
function refuseUnread(text: string, file: string, limits: YamlLimits): ManifestError | undefined {
  if (text.length > limits.maxBytes || utf8Length(text) > limits.maxBytes) {
    return { file, message: `the file is larger than ${limits.maxBytes} bytes`, fix: 'split the file' };
  }
  const odd = /[\0\uFFFD]/.exec(text);
  if (odd) {
    return {
      file,
      line: lineIndex(text)(odd.index),
      message: 'the file is not valid UTF-8 text',
      fix: 'save it as UTF-8',
    };
  }
  if (marksIn(text) > limits.maxMarks) {
    const message = `the file holds more than ${limits.maxMarks} lines, commas and opening brackets`;
    return { file, message, fix: 'split the file' };
  }
  let documents = 1;
  const marker = /^---(?=\s|$)/gm;
  while (marker.exec(text)) documents += 1;
  if (documents <= limits.maxDocuments + 1) return undefined;
  return {
    file,
    message: `the file holds more than ${limits.maxDocuments} documents`,
    fix: 'split the file',
  };
}

const marks: ReadonlySet<number> = new Set([10, 44, 91, 123]);

function marksIn(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) if (marks.has(text.charCodeAt(index))) count += 1;
  return count;
}

/** Length of a text in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x800 && (code < 0xd800 || code > 0xdfff)) bytes += 2;
    else if (code >= 0x80) bytes += 1;
  }
  return bytes;
}

function located(error: unknown, text: string, file: string): ManifestError {
  if (error instanceof YamlRefusal) {
    return { file, line: lineIndex(text)(error.offset), message: error.message, fix: error.fix };
  }
  if (error instanceof YAMLException) {
    const open = unclosedError(error, text, file);
    if (open) return open;
    const line = error.mark ? { line: error.mark.line + 1 } : {};
    return { file, ...line, message: `the YAML cannot be read: ${error.reason}`, fix: hint(error.reason) };
  }
  throw error;
}

/** A bracket or quote without its end is told where it opens; the parser sees it only where the block around it ends. */
function unclosedError(error: YAMLException, text: string, file: string): ManifestError | undefined {
  if (/maxDepth/.test(error.reason)) return undefined;
  const open = findUnclosed(text);
  if (!open || (error.mark && open.offset > error.mark.position)) return undefined;
  const { opener, closer, outdentedCloserAt } = open;
  const lines = lineIndex(text);
  if (outdentedCloserAt !== undefined) {
    return {
      file,
      line: lines(outdentedCloserAt),
      message: `the ${closer} of the ${opener} of line ${lines(open.offset)} stands too far left`,
      fix: `indent the ${closer} deeper than the key or dash that its value belongs to`,
    };
  }
  return {
    file,
    line: lines(open.offset),
    message: `the ${opener} on this line is never closed`,
    fix:
      opener === closer
        ? `add the ${closer} that ends the text`
        : `add the ${closer} that belongs to it, or quote the value when the ${opener} is a part of it`,
  };
}

function hint(reason: string): string {
  if (/\btab\b/.test(reason)) return 'replace tabs with spaces';
  if (/indentation/.test(reason)) return 'align the line with its siblings';
  if (/maxDepth/.test(reason)) return 'flatten the nesting';
  return 'correct the syntax on this line or the one before it';
}

function locate(places: Places, root: unknown, path: readonly (string | number)[], start: number): number {
  let [value, offset] = [root, start];
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return offset;
    const at = places.get(value)?.get(step);
    if (at === undefined) return offset;
    offset = at;
    value = Reflect.get(value, step);
  }
  return offset;
}
