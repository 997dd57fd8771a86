import { Composer, type ComposedDocument } from './compose.ts';
import type { Dialect, Tree } from './dialect.ts';
import { EventList } from './grammar/event.ts';
import { parseEvents } from './grammar/events.ts';
import { YamlSyntaxError, type TextPart } from './grammar/syntax-error.ts';
import { lineIndex, type LineIndex } from './line-index.ts';
import { type YamlLimits, yamlLimits } from './limits.ts';
import type { Json } from './object.ts';
import type { Places } from './places.ts';
import type { ManifestError } from './problem.ts';
import { YamlRefusal } from './refusal.ts';
import { manifestDialect } from './scalar.ts';
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

/** What {@link parseTree} is told. */
export interface TreeOptions<S> {
  readonly dialect: Dialect<S>;
  readonly limits?: YamlLimits;
  /** The parts of the text that are read, each as a text of its own; the whole text when it has no parts. */
  readonly parts?: readonly TextPart[];
}

/** {@link parseYaml} with any meaning of scalars, keys, tags and merge keys. */
export function parseTree<S>(text: string, file: string, options: TreeOptions<S>): ParsedTree<S> {
  const refused = refuseUnread(text, file, options.limits ?? yamlLimits);
  if (refused) return { errors: [refused] };
  try {
    return { documents: documentsOf(text, options) };
  } catch (error) {
    return { errors: [located(error, text, file)] };
  }
}

function documentsOf<S>(
  text: string,
  { dialect, limits = yamlLimits, parts = [{ from: 0, to: text.length }] }: TreeOptions<S>,
): TreeDocument<S>[] {
  const list = new EventList(limits.maxNodes);
  const { firstOnly = false, keepsComments = false } = dialect;
  const { maxDepth } = limits;
  for (const part of parts) parseEvents(text, part, { firstOnly, keepsComments, maxDepth, events: list });
  const lines = lineIndex(text);
  const composer = new Composer(list.events, { limits, dialect, lines });
  return composer.documents().map((document) => locatedDocument(document, lines));
}

/** Who keeps a document for its lines must keep no more of what it was made of than the places. */
function locatedDocument<S>(
  { value, offset, places }: ComposedDocument<S>,
  lines: LineIndex,
): TreeDocument<S> {
  return { value, lineOf: (path) => lines(locate(places, path, offset)) };
}

/** What can be told from the bytes alone, before the parser spends anything on them. */
function refuseUnread(text: string, file: string, limits: YamlLimits): ManifestError | undefined {
  if (text.length * mostBytesOfUnit > limits.maxBytes && utf8Length(text) > limits.maxBytes) {
    return { file, message: `the file is larger than ${limits.maxBytes} bytes`, fix: 'split the file' };
  }
  const odd = [text.indexOf('\0'), text.indexOf('\uFFFD')].filter((at) => at >= 0);
  if (odd.length > 0) {
    return {
      file,
      line: lineIndex(text)(Math.min(...odd)),
      message: 'the file is not valid UTF-8 text',
      fix: 'save it as UTF-8',
    };
  }
  if (text.length > limits.maxMarks && marksIn(text) > limits.maxMarks) {
    const message = `the file holds more than ${limits.maxMarks} lines, commas and opening brackets`;
    return { file, message, fix: 'split the file' };
  }
  if (documentsIn(text) <= limits.maxDocuments + 1) return undefined;
  return {
    file,
    message: `the file holds more than ${limits.maxDocuments} documents`,
    fix: 'split the file',
  };
}

function documentsIn(text: string): number {
  let documents = 1;
  const marker = /^---(?=\s|$)/gm;
  // Most files hold one document; looking for a plain text costs a fraction of going through matches.
  if (text.includes('---')) while (marker.exec(text)) documents += 1;
  return documents;
}

const marks: ReadonlySet<number> = new Set([10, 13, 44, 91, 123, 0x85, 0x2028, 0x2029]);
/** 1 for each mark of ASCII: most characters are looked up here. */
const asciiMarks = Uint8Array.from({ length: 128 }, (_, code) => (marks.has(code) ? 1 : 0));

function marksIn(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    count += code < 128 ? (asciiMarks[code] ?? 0) : marks.has(code) ? 1 : 0;
  }
  return count;
}

/** How many bytes one unit of a text may take in UTF-8. */
const mostBytesOfUnit = 3;

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
  if (error instanceof YamlSyntaxError) {
    const open = unclosedError(error, text, file);
    if (open) return open;
    const { message, offset } = error;
    const line = lineIndex(text)(offset);
    return { file, line, message: `the YAML cannot be read: ${message}`, fix: hint(message) };
  }
  throw error;
}

/** A bracket or quote without its end is told where it opens; the parser sees it only where something else cannot be. */
function unclosedError(
  { offset, part }: YamlSyntaxError,
  text: string,
  file: string,
): ManifestError | undefined {
  const { from, to } = part ?? { from: 0, to: text.length };
  const open = findUnclosed(text.slice(from, to));
  if (!open || from + open.offset > offset) return undefined;
  const { opener, closer } = open;
  const lines = lineIndex(text);
  return {
    file,
    line: lines(from + open.offset),
    message: `the ${opener} on this line is never closed`,
    fix:
      opener === closer
        ? `add the ${closer} that ends the text`
        : `add the ${closer} that belongs to it, or quote the value when the ${opener} is a part of it`,
  };
}

function hint(reason: string): string {
  if (/\btab\b/.test(reason)) return 'replace tabs with spaces';
  if (/expected ','/.test(reason)) return 'add a comma, or quote a value that holds one of ? , [ ] { }';
  if (/context|expected key|node content/.test(reason)) return 'align the line with its siblings';
  return 'correct the syntax on this line or the one before it';
}

function locate(root: Places | undefined, path: readonly (string | number)[], start: number): number {
  let [places, offset] = [root, start];
  for (const step of path) {
    const place = places?.of(step);
    if (!place) return offset;
    offset = place.offset;
    places = place.below;
  }
  return offset;
}
