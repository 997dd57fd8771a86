import type { Ledger } from '@meridian/ledger';
import { decodeState } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import { expect, vi } from 'vitest';

/** Anything with a ledger. */
export interface HasLedger {
  readonly ledger: Pick<Ledger, 'last'>;
}

/** How long tests wait for what a leader does, in milliseconds, and how often they look. */
export const patience = { timeout: 20_000, interval: 50 };

/** The rollout of an application as the ledger has it; undefined when it has none. */
export async function stateOf({ ledger }: HasLedger, application: string): Promise<RolloutState | undefined> {
  const message = await ledger.last(`ledger.main.rollout.${application}`);
  const read = message && decodeState(new TextDecoder().decode(message.body));
  return read?.ok ? read.state : undefined;
}

/** Waits until the rollout of an application is in a phase at a revision, and gives it. Throws an assertion error after 20 s. */
export function reached(
  rig: HasLedger,
  application: string,
  expected: { readonly phase: RolloutState['phase']; readonly revision: string },
): Promise<RolloutState> {
  return vi.waitFor(async () => {
    const state = await stateOf(rig, application);
    expect({ phase: state?.phase, revision: state?.target.release.revision }).toEqual(expected);
    if (!state) throw new Error(`${application} has no rollout`);
    return state;
  }, patience);
}
