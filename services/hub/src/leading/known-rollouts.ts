import type { Ledger } from '@meridian/ledger';
import type { Part } from '@meridian/runtime';
import { loopPart } from '../loop-part.ts';
import { unpackState } from './stored-state.ts';
import { leaderSubjects } from './subjects.ts';

/** What every replica knows of rollouts, leading or not. */
export interface KnownRollouts {
  readonly part: Part;
  /** Application -> clusters that it is assigned to, in name order. */
  placements(): ReadonlyMap<string, readonly string[]>;
  /** The revision that an application's rollout goes to or went to last; undefined as long as none is known. */
  revisionOf(application: string): string | undefined;
  /** Resolves once all that the ledger has of rollouts has been read for the first time. */
  readonly read: Promise<void>;
}

/** Follows the rollouts in the ledger. */
export function followRollouts(ledger: Pick<Ledger, 'follow'>, shard: string): KnownRollouts {
  const placements = new Map<string, readonly string[]>();
  const revisions = new Map<string, string>();
  const read = Promise.withResolvers<void>();
  const followStates = async (signal: AbortSignal) => {
    const filter = leaderSubjects.rollout(shard, '*');
    for await (const { body } of ledger.follow({ filter, signal, caughtUp: read.resolve })) {
      const unpacked = unpackState(body);
      if (!unpacked.ok) continue;
      const { application, placed, target } = unpacked.state;
      revisions.set(application, target.release.revision);
      placements.set(
        application,
        Object.keys(placed)
          .filter((cluster) => placed[cluster]?.bundle !== undefined)
          .sort(),
      );
    }
  };
  return {
    part: loopPart('known rollouts', followStates),
    placements: () => placements,
    revisionOf: (application) => revisions.get(application),
    read: read.promise,
  };
}
