import { readFileSync } from 'node:fs';
import { FaultError } from '@meridian/runtime';

/** A certificate that a hub issued, with its key, both PEM. One text holds both, so that no kill can part them. */
export interface KeptPair {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 (hex) of the token that it was got by; that one is spent. */
  readonly token?: string;
}

/** The text of a pair, for a file or a Secret. */
export function encodeKeptPair(pair: KeptPair): string {
  return `${JSON.stringify({ version: 1, ...pair })}\n`;
}

/** Reads such a text. Throws FaultError `invalid` that names `place`, and nothing of what is there: it may be a key. */
export function decodeKeptPair(text: string, place: string): KeptPair {
  const { certificate, key, token, version } = fieldsOf(text);
  if (version !== 1 || typeof certificate !== 'string' || typeof key !== 'string')
    throw new FaultError('invalid', `${place} does not hold a certificate with its key`, { retry: 'later' });
  return { certificate, key, ...(typeof token === 'string' ? { token } : {}) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The pair in a file; undefined when there is none. Throws a FaultError when the file cannot be read or is damaged. */
export function readKeptPair(file: string): KeptPair | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new FaultError('unavailable', `${file} cannot be read`, { retry: 'later', cause });
  }
  return decodeKeptPair(text, file);
}
