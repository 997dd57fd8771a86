import { badRequestError } from '../errors/api-error.ts';
import type { ApiError } from '../errors/api-error.ts';
import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { parseJson } from '../schema/parse-json.ts';
import { goKindOf } from '../schema/scalars.ts';

/** Where a page of a list goes on. */
export interface ContinueToken {
  /** The revision of the list; below zero for what is there now. */
  readonly revision: number;
  /** The first key that the page may hold, below the prefix of the list. */
  readonly start: string;
}

const version = 'meta.k8s.io/v1';

/** The token of a page, as clients send it back. */
export function writeToken({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString('base64url');
}

/** Reads a token (`DecodeContinue` of k8s.io/apiserver/pkg/storage). Throws 400. */
export function readToken(text: string): ContinueToken {
  const { v, rv, start } = fieldsOf(text);
  if (v !== version) throw refused(`server does not recognize this encoded version ${v}`);
  if (rv === 0) throw refused(`incorrect encoded start resourceVersion (version ${version})`);
  if (start === '') throw refused(`encoded start key empty (version ${version})`);
  const key = start.startsWith('/') ? start : `/${start}`;
  // Keys that lead out of the list, or that say the same in another way, are none that a server gave.
  const isClean =
    key === '/' ||
    key
      .slice(1)
      .split('/')
      .every((part) => !['', '.', '..'].includes(part));
  if (!isClean) throw refused(start);
  return { revision: rv, start: key };
}

function fieldsOf(text: string): { v: string; rv: number; start: string } {
  const parsed = parseJson(decoded(text));
  if (!parsed.ok) throw refused(parsed.message);
  if (parsed.value !== null && !isObject(parsed.value)) {
    throw refused(
      `json: cannot unmarshal ${goKindOf(parsed.value)} into Go value of type storage.continueToken`,
    );
  }
  const fields = parsed.value ?? {};
  return { v: textOf(fields, 'v'), rv: numberOf(fields, 'rv'), start: textOf(fields, 'start') };
}

/** Throws 400 about the first byte that base64 does not have, as Go's decoder does. */
function decoded(text: string): string {
  const bytes = Buffer.from(text);
  const wrong = bytes.findIndex((byte) => !/[\w\r\n-]/.test(String.fromCharCode(byte)));
  const left = bytes.length % 4 === 1 ? bytes.length - 1 : -1;
  const at = wrong >= 0 ? wrong : left;
  if (at >= 0) throw refused(`illegal base64 data at input byte ${String(at)}`);
  const content = Buffer.from(text, 'base64url');
  const [first = 0] = content;
  // Go reads bytes, and shows one that cannot begin as the character of that number.
  if (first >= 0x80) throw refused(`invalid character '${shownByte(first)}' looking for beginning of value`);
  return content.toString('utf8');
}

function shownByte(byte: number): string {
  const isPrinted = byte > 0xa0 && byte !== 0xad;
  return isPrinted ? String.fromCharCode(byte) : `\\u00${byte.toString(16)}`;
}

function textOf(fields: JsonObject, name: string): string {
  const value = fields[name] ?? '';
  if (typeof value === 'string') return value;
  throw mismatch(goKindOf(value), name, 'string');
}

function numberOf(fields: JsonObject, name: string): number {
  const value = fields[name] ?? 0;
  if (typeof value !== 'number') throw mismatch(goKindOf(value), name, 'int64');
  if (!Number.isInteger(value)) throw mismatch(`number ${String(value)}`, name, 'int64');
  return value;
}

function mismatch(found: string, field: string, type: string): ApiError {
  return refused(
    `json: cannot unmarshal ${found} into Go struct field continueToken.${field} of type ${type}`,
  );
}

function refused(why: string): ApiError {
  return badRequestError(`invalid continue token: continue key is not valid: ${why}`);
}
