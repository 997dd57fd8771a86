import * as nkeys from '@nats-io/nkeys';

/** A NATS user's key pair: the secret seed (`SU…`) and the public key (`U…`) that goes into the server's config. */
export interface Nkey {
  readonly seed: string;
  readonly publicKey: string;
}

/** Makes a new key pair for a NATS user. */
export function createNkey(): Nkey {
  const pair = nkeys.createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

/** The public key of a seed. Throws when the text is no seed. */
export function nkeyOfSeed(seed: string): Nkey {
  const pair = nkeys.fromSeed(new TextEncoder().encode(seed));
  return { seed, publicKey: pair.getPublicKey() };
}

/**
 * Gives the seed that `read` gives now, so that a key that was replaced is used at the next connect; while it cannot be read or
 * is no seed (files are being replaced), the last good one. Throws when the first is unusable.
 */
export function lastGoodSeed(read: () => string): () => string {
  let good = nkeyOfSeed(read()).seed;
  return () => {
    try {
      good = nkeyOfSeed(read()).seed;
    } catch {
      // What was good before may still be: the server decides.
    }
    return good;
  };
}
