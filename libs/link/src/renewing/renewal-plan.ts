import type { BackoffPolicy } from '@meridian/retry';
import type { CertificateLife } from '../certificate-life.ts';

/** What an agent knows when it asks itself whether to get a certificate. */
export interface RenewalState {
  /** Of the certificate in use; undefined without one. */
  readonly life: CertificateLife | undefined;
  /** Whether a token is there that was not spent yet. */
  readonly hasToken: boolean;
  /** Whether it knows an address where hubs enrol. */
  readonly canEnrol: boolean;
  /** In [0, 1), one number for each certificate: agents that got theirs together renew apart. */
  readonly share: number;
}

/** What it does: `renew` by the certificate that is valid, `enrol` by one that ended or by a token, or look again then. */
export type RenewalStep =
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'renew' }
  | { readonly kind: 'enrol'; readonly by: 'ended' | 'token' };

/** Renewal begins after two thirds of the life, spread over the next twelfth of it. */
const earliest = 2 / 3;
const spread = 1 / 12;

/** When the certificate is to be renewed. */
export function renewAtMs({ startsAtMs, endsAtMs }: CertificateLife, share: number): number {
  return Math.round(startsAtMs + (endsAtMs - startsAtMs) * (earliest + spread * share));
}

/** The next step by this clock. A token is used at once: whoever put it there wants another certificate now. */
export function planRenewal({ life, hasToken, canEnrol, share }: RenewalState, nowMs: number): RenewalStep {
  if (canEnrol && hasToken) return { kind: 'enrol', by: 'token' };
  if (life === undefined) return { kind: 'wait', untilMs: Infinity };
  const dueMs = renewAtMs(life, share);
  if (nowMs < dueMs) return { kind: 'wait', untilMs: dueMs };
  // Without an address to enrol at the link is tried even after the end: the hub's clock decides, and ours may be wrong.
  return nowMs < life.endsAtMs || !canEnrol ? { kind: 'renew' } : { kind: 'enrol', by: 'ended' };
}

/** How long to wait between tries: the shorter the life, the sooner, and from a second to an hour. */
export function renewalBackoff(life: CertificateLife | undefined): BackoffPolicy {
  const lifeMs = life === undefined ? 0 : life.endsAtMs - life.startsAtMs;
  const firstMs = Math.min(60_000, Math.max(1_000, lifeMs / 1_000));
  return { firstMs, factor: 2, capMs: Math.min(3_600_000, Math.max(60_000, lifeMs / 50)) };
}
