import { X509Certificate } from 'node:crypto';

/** From when until when a certificate is valid. */
export interface CertificateLife {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** Where a certificate stands: `early` before it is valid, `ending` when whoever renews it is late. */
export type CertificateState = 'early' | 'good' | 'ending' | 'ended';

const dayMs = 24 * 3_600_000;
const longestNoticeMs = 14 * dayMs;

/** Reads the life of a certificate in PEM. Throws when it is none. */
export function lifeOf(pem: Buffer): CertificateLife {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { startsAtMs: Date.parse(validFrom), endsAtMs: Date.parse(validTo) };
}

/** When less is left than a fifth of its life, or two weeks: renewal is usual after two thirds, so by then it is late. */
export function endingAtMs({ startsAtMs, endsAtMs }: CertificateLife): number {
  return endsAtMs - Math.min((endsAtMs - startsAtMs) / 5, longestNoticeMs);
}

/** Where a certificate stands by this clock. */
export function stateOf(life: CertificateLife, nowMs: number): CertificateState {
  if (nowMs < life.startsAtMs) return 'early';
  if (nowMs >= life.endsAtMs) return 'ended';
  return nowMs >= endingAtMs(life) ? 'ending' : 'good';
}

/**
 * What a person must know of a certificate that a peer will not take; undefined while it is valid. Says it for the clock of
 * this machine, which may be the one that is wrong.
 */
export function lifeProblem(life: CertificateLife, nowMs: number): string | undefined {
  const state = stateOf(life, nowMs);
  const at = (ms: number) => new Date(ms).toISOString();
  if (state === 'early')
    return `it is valid from ${at(life.startsAtMs)}, and the clock here says ${day(nowMs)}: check the clock`;
  if (state !== 'ended') return undefined;
  return `it ended at ${at(life.endsAtMs)}: put a new one in its place, which is taken up without a restart`;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
