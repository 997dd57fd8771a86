import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import { keysFor } from './age-keys.ts';
import type { AgeKeys, ReadAgeKeys } from './age-keys.ts';
import { openDataKey } from './data-key.ts';
import { isDecryptable } from './is-decryptable.ts';

/** An object of a bundle with its secrets in clear, for the API server only. */
export interface Decrypted {
  readonly object: KubeObject;
  /** Why it stayed encrypted; it must not be applied then. */
  readonly problem?: string;
}

/**
 * Decrypts the Secrets of a bundle that SOPS has encrypted, each for itself: one that cannot be decrypted is named, and the
 * others are not held up. The keys are read again each time, and only when there is something to decrypt. Objects that name no
 * namespace go into `namespace`.
 */
export async function decryptObjects(
  objects: readonly KubeObject[],
  readKeys: ReadAgeKeys,
  namespace: string,
): Promise<readonly Decrypted[]> {
  if (!objects.some(isDecryptable)) return objects.map((object) => ({ object }));
  const keys = await keysOrWhy(readKeys);
  const decrypted: Decrypted[] = [];
  for (const object of objects) decrypted.push(await decryptOne(object, keys, namespace));
  return decrypted;
}

async function keysOrWhy(readKeys: ReadAgeKeys): Promise<AgeKeys | FaultError> {
  try {
    return await readKeys();
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
}

async function decryptOne(
  object: KubeObject,
  keys: AgeKeys | FaultError,
  namespace: string,
): Promise<Decrypted> {
  if (!isDecryptable(object)) return { object };
  try {
    if (keys instanceof FaultError) throw keys;
    // Loaded only by agents that have something to decrypt.
    const { decryptSecret } = await import('./decrypt-secret.ts');
    const identities = keysFor(keys, object.metadata.namespace ?? namespace);
    return { object: await decryptSecret(object, (metadata) => openDataKey(metadata, identities)) };
  } catch (error) {
    return { object, problem: `it cannot be decrypted: ${reasonOf(error)}` };
  }
}

/** What a library says of a file that it does not understand may quote a value of it; and one file must not end the agent. */
function reasonOf(error: unknown): string {
  if (error instanceof FaultError) return errorText(error);
  const name = error instanceof Error ? error.name : 'an error';
  return `it is not as SOPS writes it (${name})`;
}
