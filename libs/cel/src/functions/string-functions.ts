import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { Environment } from '@marcbachmann/cel-js';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';
import { formatText, textOf } from './format-text.ts';

/** Text as Kubernetes and cel-go's string extension have it, patterns included, which are those of RE2. */
export function registerStrings(environment: Environment, register: Register): void {
  register('string.charAt(int): string', charAt);
  register('string.replace(string, string): string', (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  );
  register('string.replace(string, string, int): string', replaceSome);
  register('string.format(list<dyn>): string', formatText);
  register('string.find(string): string', (text: string, pattern: string) => {
    const matcher = compiled(pattern).matcher(text);
    return matcher.find() ? (matcher.group() ?? '') : '';
  });
  register('string.findAll(string): list<string>', (text: string, pattern: string) => all(text, pattern, -1));
  register('string.findAll(string, int): list<string>', (text: string, pattern: string, most: bigint) =>
    all(text, pattern, Number(most)),
  );
  register(`string.${matchesName}(string): bool`, isMatch);
  register(`${matchesName}(string, string): bool`, isMatch);
  for (const [operator, holds] of byteOrders) environment.registerOperator(`bytes ${operator} bytes`, holds);
  environment.registerType('StringsNamespace', StringsNamespace);
  environment.registerConstant('strings', 'StringsNamespace', new StringsNamespace());
  register('StringsNamespace.quote(string): string', (_: unknown, text: string) => textOf(text, true));
}

const byteOrders: readonly (readonly [string, (a: Uint8Array, b: Uint8Array) => boolean])[] = [
  ['<', (a, b) => Buffer.compare(a, b) < 0],
  ['<=', (a, b) => Buffer.compare(a, b) <= 0],
  ['>', (a, b) => Buffer.compare(a, b) > 0],
  ['>=', (a, b) => Buffer.compare(a, b) >= 0],
];

/** The name before the dot of `strings.quote`. */
class StringsNamespace {}

/** What `matches` is called inside: the library's own takes patterns of JavaScript. It is as long, so that places stay. */
export const matchesName = 're2Find';

function isMatch(text: string, pattern: string): boolean {
  return patternOf(pattern, '').matcher(text).find();
}

/** Whether a text is a pattern of RE2. */
export function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return false;
    throw error;
  }
}

function compiled(pattern: string): RE2JS {
  return patternOf(pattern, 'Illegal regex: ');
}

function patternOf(pattern: string, refusal: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw new CelFault(`${refusal}${error.message}`);
    throw error;
  }
}

function all(text: string, pattern: string, most: number): string[] {
  const found: string[] = [];
  const matcher = compiled(pattern).matcher(text);
  while ((most < 0 || found.length < most) && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

function charAt(text: string, place: bigint): string {
  const characters = [...text];
  if (place < 0n || place > BigInt(characters.length)) {
    throw new CelFault(`index out of range: ${String(place)}`);
  }
  return characters[Number(place)] ?? '';
}

function replaceSome(text: string, from: string, to: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(from, () => to);
  let left = Number(most);
  return text.replaceAll(from, (found) => {
    left -= 1;
    return left < 0 ? found : to;
  });
}
