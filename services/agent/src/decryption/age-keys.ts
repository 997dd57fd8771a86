import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError, errorText } from '@meridian/runtime';

/** The private keys that Secrets are decrypted with. */
export interface AgeKeys {
  /** Identities as age writes them, `AGE-SECRET-KEY-1…`. */
  readonly identities: readonly string[];
  /** Changes when the keys do. */
  readonly version: string;
}

/** Reads the keys as they are now. Throws FaultError when they cannot be read. */
export type ReadAgeKeys = () => Promise<AgeKeys>;

const maxIdentities = 100;

/**
 * Reads every file of a directory, as a mounted Secret is one, or none when no directory is set. Lines that start with `#`
 * are comments, as age-keygen writes them. No message has what stood in a line.
 */
export function ageKeysIn(directory: string | undefined): ReadAgeKeys {
  return async () => {
    if (directory === undefined) return keysOf([]);
    try {
      const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
      return keysOf(names.flatMap((name, index) => identitiesIn(texts[index] ?? '', join(directory, name))));
    } catch (cause) {
      if (cause instanceof FaultError) throw cause;
      throw unusable(`the age keys cannot be read: ${errorText(cause)}`, cause);
    }
  };
}

function keysOf(identities: readonly string[]): AgeKeys {
  if (identities.length > maxIdentities)
    throw unusable(`there are ${identities.length} age keys, and at most ${maxIdentities} are tried`);
  return { identities, version: hash('sha256', identities.join('\n')) };
}

function identitiesIn(text: string, path: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const identity = line.trim();
    if (identity === '' || identity.startsWith('#')) return [];
    if (!/^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]+$/.test(identity))
      throw unusable(`${path}, line ${index + 1} is no age key: it does not start with AGE-SECRET-KEY-`);
    return identity;
  });
}

function unusable(message: string, cause?: unknown): FaultError {
  return new FaultError('invalid', message, { retry: 'later', cause });
}
