import { textsAt } from '../json.ts';
import type { Json } from '../json.ts';
import { nanoOf } from '../kinds/policy/quantities.ts';

/** Amounts of resources in billionths, by name. */
export type Amounts = ReadonlyMap<string, bigint>;

/** One whole in billionths. */
export const one = 1_000_000_000n;

/** The amounts of a resource list. */
export function amountsOf(list: Json | undefined): Map<string, bigint> {
  return new Map(Object.entries(textsAt(list)).map(([name, amount]) => [name, nanoOf(amount)]));
}

/** Adds amounts to others, in place. */
export function addAmounts(total: Map<string, bigint>, amounts: Amounts): void {
  for (const [name, amount] of amounts) total.set(name, (total.get(name) ?? 0n) + amount);
}
