import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError, errorText } from '@meridian/runtime';

/** The private keys that Secrets are decrypted with. */
export interface AgeKeys {
  /** Identities as age writes them, `AGE-SECRET-KEY-1…`, for Secrets of every namespace. */
  readonly identities: readonly string[];
  /** Identities for Secrets of one namespace alone, by its name. */
  readonly bound: ReadonlyMap<string, readonly string[]>;
  /** Changes when the keys do. */
  readonly version: string;
}

/** Reads the keys as they are now. Throws FaultError when they cannot be read. */
export type ReadAgeKeys = () => Promise<AgeKeys>;

/** For a Secret of one namespace: all of them are tried. */
const maxIdentities = 100;

/** What the name of a file begins with whose keys are for one namespace: `namespace.ml-serving`. */
const namespacePrefix = 'namespace.';

/**
 * Reads every file of a directory, as a mounted Secret is one, or none when no directory is set. Lines that start with `#`
 * are comments, as age-keygen writes them. No message has what stood in a line. The keys in a file `namespace.NAME` open only
 * what goes into that namespace.
 */
export function ageKeysIn(directory: string | undefined): ReadAgeKeys {
  return async () => {
    if (directory === undefined) return keysOf([]);
    try {
      const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
      return keysOf(
        names.map((name, index) => ({
          namespace: namespaceOf(name, directory),
          identities: identitiesIn(texts[index] ?? '', join(directory, name)),
        })),
      );
    } catch (cause) {
      if (cause instanceof FaultError) throw cause;
      throw unusable(`the age keys cannot be read: ${errorText(cause)}`, cause);
    }
  };
}

/** The keys that a Secret of a namespace may be opened with. */
export function keysFor({ identities, bound }: AgeKeys, namespace: string): readonly string[] {
  return [...identities, ...(bound.get(namespace) ?? [])];
}

interface KeyFile {
  /** Undefined when its keys are for every namespace. */
  readonly namespace: string | undefined;
  readonly identities: readonly string[];
}

function keysOf(files: readonly KeyFile[]): AgeKeys {
  const count = mostTried(files);
  if (count > maxIdentities)
    throw unusable(`there are ${count} age keys for one namespace, and at most ${maxIdentities} are tried`);
  const text = files.flatMap(({ namespace = '', identities }) => [namespace, ...identities]).join('\n');
  return {
    identities: files.flatMap(({ namespace, identities }) => (namespace === undefined ? identities : [])),
    bound: new Map(
      files.flatMap(({ namespace, identities }) =>
        namespace === undefined ? [] : [[namespace, identities]],
      ),
    ),
    version: hash('sha256', text),
  };
}

/** How many keys there are for the namespace that has the most; a namespace has one file at most. */
function mostTried(files: readonly KeyFile[]): number {
  const countOf = (some: readonly KeyFile[]) => some.map(({ identities }) => identities.length);
  const forAll = countOf(files.filter(({ namespace }) => namespace === undefined));
  const forOne = countOf(files.filter(({ namespace }) => namespace !== undefined));
  return forAll.reduce((sum, count) => sum + count, 0) + Math.max(0, ...forOne);
}

/** A name that is wrong must not make its keys open more than was meant. */
function namespaceOf(file: string, directory: string): string | undefined {
  if (!file.startsWith(namespacePrefix)) return undefined;
  const name = file.slice(namespacePrefix.length);
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw unusable(`${join(directory, file)}: ${JSON.stringify(name)} is no name of a namespace`);
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
