import { forbiddenKeys } from '@meridian/manifests';
import type { GeneratorFields } from '../build/kustomization-fields.ts';
import type { Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { baseName } from '../tree.ts';

/** What a key of generated data holds: text, or bytes that are no UTF-8. */
export type Content = string | Uint8Array;

/** More than any API server keeps of one object; a file can be named again and again. */
const mostCharacters = 16 * 1024 * 1024;

/**
 * The pairs that a generator collects: lines of env files, then literals, then files (api/kv/kv.go). A key that is there
 * twice is refused.
 */
export function pairsOf(fields: GeneratorFields, step: Step): ReadonlyMap<string, Content> {
  const pairs = new Map<string, Content>();
  let size = 0;
  for (const [key, value] of collected(fields, step)) {
    if (forbiddenKeys.has(key))
      refuse({ ...step.place, message: `the key ${key} is not allowed`, fix: 'choose another key' });
    if (pairs.has(key))
      refuse({ ...step.place, message: `the key ${key} is there twice`, fix: 'remove one of the two' });
    size += key.length + value.length;
    if (size > mostCharacters)
      refuse({
        ...step.place,
        message: `the generator collects more than ${mostCharacters} characters`,
        fix: 'split it; Kubernetes takes about 1 MB in one object',
      });
    pairs.set(key, value);
  }
  return pairs;
}

function collected(fields: GeneratorFields, step: Step): readonly (readonly [string, Content])[] {
  const { env = '', envs = [], literals = [], files = [] } = fields;
  const envFiles = env === '' ? envs : [...envs, env];
  return [
    ...envFiles.flatMap((path) => linesOf(envText(path, step))),
    ...literals.map((literal, index) => literalPair(literal, index, step)),
    ...files.map((source): readonly [string, Content] => {
      const { key, path } = fileSource(source, step);
      return [key, step.readContent(path)];
    }),
  ];
}

function envText(path: string, step: Step): string {
  const content = step.readContent(path);
  if (typeof content === 'string') return content;
  refuse({ ...step.place, message: `${path} is not valid UTF-8 text`, fix: 'save it as UTF-8' });
}

/** Only blanks before the key are cut; a line without `=` is a key with an empty value. */
function linesOf(text: string): [string, string][] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((raw): [string, string][] => {
      const line = raw.replace(/\r$/, '').trimStart();
      if (line === '' || line.startsWith('#')) return [];
      const sign = line.indexOf('=');
      const key = sign < 0 ? line : line.slice(0, sign);
      // An empty key is passed over, as in kv.go.
      return key === '' ? [] : [[key, sign < 0 ? '' : line.slice(sign + 1)]];
    });
}

function literalPair(literal: string, index: number, { place }: Step): readonly [string, string] {
  const sign = literal.indexOf('=');
  // The text may be a secret, so it is not repeated.
  if (sign < 1)
    refuse({ ...place, message: `literal ${index + 1} is not key=value`, fix: 'write key=value' });
  const value = literal.slice(sign + 1);
  const quoted = value.length > 1 && (value[0] === '"' || value[0] === "'") && value.at(-1) === value[0];
  return [literal.slice(0, sign), quoted ? value.slice(1, -1) : value];
}

function fileSource(source: string, { place }: Step): { readonly key: string; readonly path: string } {
  const parts = source.split('=');
  const [first = '', second] = parts;
  if (second === undefined) return { key: baseName(first), path: first };
  if (parts.length > 2 || first === '' || second === '')
    refuse({
      ...place,
      message: `the file source ${JSON.stringify(source)} is not path or key=path`,
      fix: 'write key=path',
    });
  return { key: first, path: second };
}
