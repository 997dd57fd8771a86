import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { FaultError } from '@meridian/runtime';

/** A key that was read, and the id of its public half: `sha256:` and the digest of the DER form. */
export interface ReadKey {
  readonly key: KeyObject;
  readonly id: string;
}

/** A process trusts a handful of keys, and needs them for every assignment that it checks. */
const mostRemembered = 32;
const trusted = new Map<string, ReadKey>();

/** The ed25519 public key of a PEM text, remembered. Throws FaultError 'invalid' for anything else. */
export function trustedKey(pem: string): ReadKey {
  const known = trusted.get(pem);
  if (known) return known;
  const key = ed25519Key(() => createPublicKey(pem), 'a trusted key');
  const found = { key, id: keyIdOf(key) };
  if (trusted.size >= mostRemembered) trusted.clear();
  trusted.set(pem, found);
  return found;
}

/** The ed25519 private key of a PKCS8 PEM text. Throws FaultError 'invalid' for anything else. */
export function signingKey(pem: string): ReadKey {
  const key = ed25519Key(() => createPrivateKey(pem), 'the signing key');
  return { key, id: keyIdOf(createPublicKey(key)) };
}

function keyIdOf(key: KeyObject): string {
  return `sha256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
}

function ed25519Key(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    throw new FaultError('invalid', `${what} is not a PEM key`, { retry: 'never', cause: error });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new FaultError(
    'invalid',
    `${what} is ${key.asymmetricKeyType ?? 'of unknown type'}, but must be ed25519`,
    { retry: 'never' },
  );
}
