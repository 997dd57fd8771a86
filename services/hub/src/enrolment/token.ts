import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a hub keeps of a token: never the token. */
export const tokenRecord = z.object({
  /** SHA-256 of the token, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  expiresAtMs: z.number(),
  author: z.string(),
  /** SHA-256 of the request that took it, hex; absent while nobody has. */
  takenBy: z.string().exactOptional(),
});

/** A token as it is kept. */
export type TokenRecord = z.infer<typeof tokenRecord>;

/** What becomes of a token that is shown. `again`: the same request took it before, so that a lost answer costs no token. */
export type TokenVerdict =
  | { readonly kind: 'take'; readonly record: TokenRecord }
  | { readonly kind: 'again' }
  | { readonly kind: 'refuse'; readonly reason: string };

/** SHA-256 in hex. */
export function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A token of 256 random bits. */
export function newToken(): string {
  return `enrol_${randomBytes(32).toString('base64url')}`;
}

/**
 * Judges a token (its hash) that a request (its hash) shows, against what is kept for the cluster that it names. Every reason that
 * concerns the token alone is the same, so that guessing learns nothing; who holds the right one hears what is wrong.
 */
export function judgeToken(
  kept: TokenRecord | undefined,
  shown: { readonly hash: string; readonly request: string },
  nowMs: number,
): TokenVerdict {
  if (kept === undefined || !isSame(kept.hash, shown.hash))
    return { kind: 'refuse', reason: 'the token is not one for this cluster, or a newer one replaced it' };
  if (nowMs >= kept.expiresAtMs) return { kind: 'refuse', reason: 'the token has expired' };
  if (kept.takenBy === undefined) return { kind: 'take', record: { ...kept, takenBy: shown.request } };
  return kept.takenBy === shown.request
    ? { kind: 'again' }
    : { kind: 'refuse', reason: 'the token was used already' };
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
