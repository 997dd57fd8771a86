import { parseQuantity } from '@meridian/cel';

/** Billionths of an amount; none of what is no amount. */
export function nanoOf(amount: string): bigint {
  return parseQuantity(amount)?.nano ?? 0n;
}

/** Whether an amount is below zero. */
export function isNegative(amount: string): boolean {
  return nanoOf(amount) < 0n;
}

/** Whether an amount is above zero. */
export function isPositive(amount: string): boolean {
  return nanoOf(amount) > 0n;
}

/** Whether an amount has no fraction. */
export function isWhole(amount: string): boolean {
  return nanoOf(amount) % 1_000_000_000n === 0n;
}
