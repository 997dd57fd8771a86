import { errorText } from '@meridian/runtime';
import {
  boolYaml11Tag,
  CORE_SCHEMA,
  defineScalarTag,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
  YAMLException,
} from 'js-yaml';
import type { Json } from '../json.ts';

/** YAML as the API server's parser reads it: the first document as JSON, or why the text is none. */
export type ParsedYaml =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly message: string };

/** Whole numbers as Go writes them: `0644` and `0o644` are octal, and `1_000` is a thousand. */
const goInteger = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'+-0123456789'],
  identify: () => false,
  resolve: (source) => {
    const [matched, sign = '', zero = '', digits = ''] =
      /^([+-]?)(0(?=[0-7]+$))?(0[bBoOxX][\da-fA-F]+|\d+)$/.exec(source.replaceAll('_', '')) ?? [];
    const size = Number(zero === '' ? digits : `0o${digits}`);
    return matched === undefined || Number.isNaN(size) ? NOT_RESOLVED : sign === '-' ? -size : size;
  },
});

/** YAML 1.1 as far as Go's parser keeps to it: `yes` is true, and `<<` takes in another map. */
const schema = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag, goInteger);

const deepest = 1_000;

/** Reads YAML. Never throws. */
export function parseYaml(text: string): ParsedYaml {
  try {
    const [value = null] = loadAll(text, { schema, maxDepth: deepest });
    const problem = aliasProblem(value, text.length);
    return problem === undefined ? { ok: true, value: value as Json } : { ok: false, message: problem };
  } catch (error) {
    return { ok: false, message: yamlProblem(error) };
  }
}

/** What aliases may add to a text. */
const mostRepeated = 100_000;

/** A few lines of aliases of aliases are as much as fits into no memory, and one inside of what it names has no end. */
function aliasProblem(value: unknown, length: number): string | undefined {
  let left = length + mostRepeated;
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    left -= 1;
    if (left < 0) return 'yaml: document contains excessive aliasing';
    if (typeof next === 'object' && next !== null)
      for (const part of Object.values(next)) open.push(part ?? null);
  }
  return undefined;
}

/** What is wrong with YAML, as far as it can be told in the words of the real server's parser. */
function yamlProblem(error: unknown): string {
  if (!(error instanceof YAMLException)) return `yaml: ${errorText(error)}`;
  if (error.reason.includes('maxDepth')) return 'yaml: exceeded max depth of 10000';
  const known = yamlWords.find(([reason]) => error.reason.includes(reason));
  return `yaml: line ${String((error.mark?.line ?? 0) + 1)}: ${known?.[1] ?? error.reason}`;
}

const yamlWords: readonly (readonly [string, string])[] = [
  ['within a flow collection', 'did not find expected node content'],
  ['bad indentation of a mapping entry', 'did not find expected key'],
  ['a colon is missed', "could not find expected ':'"],
  ['multiline key', "could not find expected ':'"],
  ['nested mappings', 'mapping values are not allowed in this context'],
];
