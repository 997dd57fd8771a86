import type { Focus } from './focus.ts';
import type { GatePlan } from './gate-author.ts';
import type { Weather } from './network.ts';
import type { Random } from './random.ts';
import { usualSystems } from './systems.ts';
import type { SystemsPlan } from './systems.ts';

/** What one world is like. */
export interface Plan extends GatePlan {
  readonly hubs: readonly string[];
  /** Cluster -> tier, which is the name of its stage; those of tier `rest` are selected by no stage. */
  readonly tiers: ReadonlyMap<string, string>;
  readonly applications: readonly string[];
  readonly weather: Weather;
  /** Wall clocks may be minutes off. */
  readonly isSkewed: boolean;
  /** Commits after the first one. */
  readonly commits: number;
  readonly faults: number;
  /** From then on nothing goes wrong any more. */
  readonly calmAtMs: number;
  /** The ledger may be lost or put back to a backup. */
  readonly losesLedger: boolean;
  /** How many messages a replica may be behind. */
  readonly lag: number;
  /** Bundles are too large for the Secrets of agents: those keep only what is known of them. */
  readonly hasLargeBundles: boolean;
  readonly systems: SystemsPlan;
  /** Share of reports at which the stream of an agent breaks. */
  readonly breaks: number;
  /** What it is mostly about. */
  readonly focus?: Focus;
}

const tierNames = ['canary', 'early', 'main', 'rest'];

/** Draws a plan around what there is of gates. */
export function drawPlan(random: Random, gates: GatePlan): Plan {
  const clusters = random.whole(3, 6);
  const isRough = random.chance(0.7);
  return {
    ...gates,
    hubs: ['hub-1', 'hub-2', 'hub-3'].slice(0, random.whole(2, 3)),
    tiers: new Map(
      Array.from({ length: clusters }, (_, at) => [
        `c${at + 1}`,
        at < 3 ? (tierNames[at] ?? 'rest') : random.pick(tierNames.slice(1)),
      ]),
    ),
    applications: random.chance(0.35) || gates.hasDependencies ? ['web', 'model'] : ['web'],
    weather: {
      loss: isRough ? random.next() * 0.08 : 0,
      repeats: isRough ? random.next() * 0.08 : 0,
      slow: isRough ? random.next() * 0.05 : 0,
    },
    isSkewed: random.chance(0.4),
    commits: random.whole(2, 7),
    faults: random.whole(2, 12),
    calmAtMs: random.whole(35_000, 80_000),
    losesLedger: random.chance(0.25),
    lag: random.chance(0.5) ? random.whole(1, 12) : 0,
    breaks: isRough ? random.next() * 0.03 : 0,
    hasLargeBundles: false,
    systems: usualSystems,
  };
}

/** A plan as a focus has it. */
export function focused(plan: Plan, focus: Focus | undefined): Plan {
  return focus ? { ...plan, ...focus.plan, focus } : plan;
}
