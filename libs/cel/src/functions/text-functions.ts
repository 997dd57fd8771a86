import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';
import { ownName } from './own-names.ts';

/** Functions of text that count characters as cel-go does, and say so in its words when there are too few. */
export function registerTexts(register: Register): void {
  const add = (name: string, rest: string, handler: (...given: never[]) => unknown) => {
    register(`string.${ownName(name)}${rest}`, handler);
  };
  add('indexOf', '(string): int', (text: string, part: string) => indexOf(text, part, 0n));
  add('indexOf', '(string, int): int', indexOf);
  add('lastIndexOf', '(string): int', (text: string, part: string) => lastIndexOf(text, part, undefined));
  add('lastIndexOf', '(string, int): int', lastIndexOf);
  add('substring', '(int): string', (text: string, start: bigint) => substring(text, start, undefined));
  add('substring', '(int, int): string', substring);
  add('lowerAscii', '(): string', (text: string) =>
    text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  );
  add('upperAscii', '(): string', (text: string) =>
    text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()),
  );
  add('trim', '(): string', trim);
}

/** What Unicode calls white space, which the mark of byte order is not; all of it is in the first plane. */
const space = /^\p{White_Space}$/u;

/** Looks at both ends alone: a pattern for the end would begin anew at each space within. */
function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && space.test(text.charAt(start))) start += 1;
  while (end > start && space.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function outOfRange(place: bigint): CelFault {
  return new CelFault(`index out of range: ${String(place)}`);
}

function indexOf(text: string, part: string, from: bigint): bigint {
  if (part === '') return from;
  const characters = [...text];
  if (from < 0n) throw outOfRange(from);
  const [size, wanted] = [characters.length, [...part]];
  for (let at = Number(from); at <= size - wanted.length; at += 1) {
    if (isAt(characters, wanted, at)) return BigInt(at);
  }
  return -1n;
}

function lastIndexOf(text: string, part: string, from: bigint | undefined): bigint {
  const characters = [...text];
  if (part === '') return from ?? BigInt(characters.length);
  if (from !== undefined && from < 0n) throw outOfRange(from);
  const wanted = [...part];
  const last = characters.length - wanted.length;
  for (let at = Math.min(last, Number(from ?? last)); at >= 0; at -= 1) {
    if (isAt(characters, wanted, at)) return BigInt(at);
  }
  return -1n;
}

function isAt(characters: readonly string[], wanted: readonly string[], at: number): boolean {
  return wanted.every((character, index) => characters[at + index] === character);
}

function substring(text: string, start: bigint, end: bigint | undefined): string {
  const characters = [...text];
  const size = BigInt(characters.length);
  const stop = end ?? size;
  if (end !== undefined && start > stop) {
    throw new CelFault(`invalid substring range. start: ${String(start)}, end: ${String(stop)}`);
  }
  if (start < 0n || start > size) throw outOfRange(start);
  if (stop < 0n || stop > size) throw outOfRange(stop);
  return characters.slice(Number(start), Number(stop)).join('');
}
