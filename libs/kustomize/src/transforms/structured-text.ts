import { parseDocument, Scalar as YamlScalar, type Document, type ScalarTag, type Tags } from 'yaml';
import { byUtf8, goJson, isPlainList } from '../values/json.ts';
import { plainOf, UnwritableError, type Plain } from '../values/plain.ts';
import { readDocuments } from '../values/read.ts';
import { plainTag } from '../values/scalars.ts';
import { isFields, isList, isScalar, Scalar, textOf, type Value } from '../values/value.ts';
import { changeAtPath, type Walk } from './path-change.ts';
import { lookup, PathProblem } from './path-lookup.ts';
import { setAtPath } from './path-set.ts';

/**
 * The value with a change inside of a text that holds YAML or JSON, when a path leads into one: kustomize looks there
 * first since 5.8 (replacement.go, setValueInStructuredData). Undefined when there is no such text, or nothing in it that
 * the rest of the path fits; the path is then walked as usual.
 */
export function changeInText(value: Value, path: readonly string[], walk: Walk): Value | undefined {
  const found = textOnTheWay(value, path);
  if (!found) return undefined;
  const { steps, rest, text } = found;
  try {
    const after = changedText(text, rest, walk);
    return after === undefined ? undefined : setAtPath(value, steps, () => after);
  } catch (error) {
    if (error instanceof PathProblem || error instanceof UnwritableError) return undefined;
    throw error;
  }
}

interface Found {
  /** The way to the text. */
  readonly steps: readonly string[];
  /** The way inside of it. */
  readonly rest: readonly string[];
  readonly text: string;
}

/** The first scalar on the way that can be read as YAML; nearly every text can. */
function textOnTheWay(value: Value, path: readonly string[]): Found | undefined {
  for (let length = 1; length < path.length; length += 1) {
    const steps = path.slice(0, length);
    const at = attempt(() => lookup(value, steps));
    if (at === undefined || !isScalar(at)) continue;
    const text = textOf(at);
    if ('documents' in readDocuments(text, '')) return { steps, rest: path.slice(length), text };
  }
  return undefined;
}

function attempt<Result>(walk: () => Result): Result | undefined {
  try {
    return walk();
  } catch (error) {
    if (error instanceof PathProblem) return undefined;
    throw error;
  }
}

function changedText(text: string, rest: readonly string[], walk: Walk): string | undefined {
  const read = readDocuments(text, '');
  if (!('documents' in read)) return undefined;
  const before = read.documents[0]?.value;
  if (before === undefined) return walk.create === undefined ? undefined : nothingFilled(text, walk);
  let count = 0;
  const after = changeAtPath(before, rest, { ...walk, found: () => (count += 1) });
  if (count === 0) return undefined;
  walk.found();
  return /^\s*[{[]/.test(text) ? jsonText(after, text) : yamlLike({ before, after }, text);
}

/** Kustomize fills a null that it has read, and then writes the one that was there; where nothing is written it has read none. */
function nothingFilled(text: string, walk: Walk): string | undefined {
  if (/^(?:\s*(?:#.*)?\n)*\s*(?:#.*)?$/.test(text)) return undefined;
  walk.found();
  return text.replace(/^---\s*/, '');
}

/** What has no JSON form, such as a text with the tag of a number, is left out without a word. */
function jsonText(after: Value, text: string): string {
  try {
    return jsonLike(plainOf(after), text);
  } catch (error) {
    if (error instanceof UnwritableError) return text;
    throw error;
  }
}

/** JSON on one line, or indented by two when it was on several. */
function jsonLike(plain: Plain, text: string): string {
  const isPretty = text.includes('\n') && text.includes('  ');
  return isPretty ? indented(plain, '') : goJson(plain);
}

function indented(plain: Plain, indent: string): string {
  if (typeof plain !== 'object' || plain === null) return goJson(plain);
  const deeper = `${indent}  `;
  const entries = isPlainList(plain)
    ? plain.map((item) => indented(item, deeper))
    : sortedEntries(plain).map(([key, value]) => `${goJson(key)}: ${indented(value, deeper)}`);
  const inside =
    entries.length === 0 ? '' : `\n${entries.map((entry) => deeper + entry).join(',\n')}\n${indent}`;
  return isPlainList(plain) ? `[${inside}]` : `{${inside}}`;
}

function sortedEntries(plain: { readonly [key: string]: Plain }): [string, Plain][] {
  return Object.entries(plain).sort(([left], [right]) => byUtf8(left, right));
}

interface Change {
  readonly before: Value | undefined;
  readonly after: Value;
}

/** YAML with its comments, quotes and kinds of blocks kept, laid out as go-yaml does. */
function yamlLike(change: Change, text: string): string {
  const document = parseDocument(text, { strict: false, customTags });
  put(document, [], change);
  return document.toString({ indentSeq: false, lineWidth: 0, flowCollectionPadding: false }).trim();
}

/** A text that took the place of something else, whose tag it does not fit: kustomize writes the tag before it. */
function misfitOf(value: Value): YamlScalar | undefined {
  if (!(value instanceof Scalar) || value.tag === '!!str' || plainTag(value.text) !== '!!str')
    return undefined;
  const node = new YamlScalar(value.text);
  node.tag = `tag:yaml.org,2002:${value.tag.slice(2)}`;
  node.source = value.text;
  return node;
}

/** Numbers as they are written, such as `+1`, unless they are others now. */
function customTags(tags: Tags): Tags {
  return tags.map((tag) => (isScalarTag(tag) ? asWritten(tag) : tag));
}

function isScalarTag(tag: Tags[number]): tag is ScalarTag {
  return typeof tag === 'object' && /:(?:int|float|bool|null)$/.test(tag.tag);
}

function asWritten(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    stringify: (node, ...context) => {
      const { source } = node;
      const isSame = typeof node.value === 'string' || Number(source) === node.value;
      return isSame && source ? source : (tag.stringify?.(node, ...context) ?? String(node.value));
    },
  };
}

/** Writes what differs, place by place, so that everything else keeps its looks. */
function put(document: Document, path: readonly (string | number)[], { before, after }: Change): void {
  if (before === after) return;
  if (isFields(before) && isFields(after)) {
    for (const [key, value] of Object.entries(after))
      put(document, [...path, key], { before: before[key], after: value });
  } else if (isList(before) && isList(after)) {
    for (const [index, value] of after.entries())
      put(document, [...path, index], { before: before[index], after: value });
  } else if (path.length > 0) document.setIn(path, misfitOf(after) ?? plainOf(after));
  else document.contents = document.createNode(plainOf(after));
}
