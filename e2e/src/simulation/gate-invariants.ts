import type { Gate } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';
import { trueMs, whyNotPassed } from './gate-evidence.ts';
import { gatesIn } from './gate-log.ts';
import type { History } from './history.ts';
import { isToldAgain, plannedNow } from './push-invariants.ts';
import type { Planned, Rollout, StateInvariant } from './push-invariants.ts';
import type { ApplicationSpec, StageSpec } from './repo.ts';

/** What gates hold back, held against what people, agents and other systems really said. To add a rule, add it here. */
export const gateInvariants: readonly StateInvariant[] = [
  { name: 'a gate passes by evidence', check: passedByEvidence },
  { name: 'no gate is skipped', check: noneSkipped },
];

/** Gates that this state, and none before it, says have passed. */
function passedNow({ state, before }: Rollout) {
  const isSame = before?.target.number === state.target.number;
  const known = new Map(isSame ? gatesIn(before).map(({ progress }) => [progress.name, progress]) : []);
  return gatesIn(state).filter(({ progress }) => {
    const one = known.get(progress.name);
    return progress.phase === 'passed' && !(one?.phase === 'passed' && one.attempt === progress.attempt);
  });
}

function passedByEvidence(entry: Rollout, history: History): string | undefined {
  const { state, atMs } = entry;
  for (const { side, stage, progress } of passedNow(entry)) {
    const gate = history.gates.gateOf(state, progress.name);
    const what = `gate ${progress.name} of stage ${stage} of ${state.application}, rollout ${state.target.number}`;
    if (!gate) return `${what} was never written`;
    const known = history.gates.tryOf(state, progress.name);
    const decidedMs = trueMs(progress.sinceMs, atMs);
    const why = whyNotPassed({ entry, history, gate, side, progress, known, decidedMs });
    if (why !== undefined) return `${what}: ${why}`;
  }
  return undefined;
}

function noneSkipped(entry: Rollout, history: History): string | undefined {
  const { state, before } = entry;
  const spec = history.repo.meant.get(state.target.release.digest)?.spec;
  if (!spec || state.target.back || !hasGates(spec)) return undefined;
  const looked = { entry, history, spec, through: passedNames(state) };
  for (const planned of plannedNow(entry)) {
    const skipped = skippedFor(planned, looked);
    if (skipped)
      return `${planned.cluster} is given ${state.application} before gate ${skipped.name} has passed`;
  }
  return state.phase === 'completed' && before?.phase !== 'completed' ? openAtTheEnd(looked) : undefined;
}

function openAtTheEnd(looked: Looked): string | undefined {
  const open = skippedBefore(looked.spec.stages.length, looked);
  return open && `${looked.spec.name} completed before gate ${open.name} has passed`;
}

function hasGates({ stages }: ApplicationSpec): boolean {
  return stages.some(({ before, after }) => before !== undefined || after !== undefined);
}

/** The first gate in the way of a cluster that has not passed. */
function skippedFor({ cluster, isWithdrawal }: Planned, looked: Looked): Gate | undefined {
  const { entry, history, spec, through } = looked;
  if (isToldAgain(entry, cluster)) return undefined;
  if (isWithdrawal) return skippedBefore(spec.stages.length, looked);
  // The same content again goes to an agent that is ahead of the ledger.
  if (entry.before?.placed[cluster]?.bundle === spec.bundles.get(cluster)?.digest) return undefined;
  const own = stageOf(spec, history, cluster);
  const { before = [] } = spec.stages[own] ?? {};
  return before.find(({ name }) => !through.has(name)) ?? skippedBefore(own, looked);
}

interface Looked {
  readonly entry: Rollout;
  readonly history: History;
  readonly spec: ApplicationSpec;
  readonly through: ReadonlySet<string>;
}

/** The first gate after a stage before this one that has not passed. */
function skippedBefore(own: number, { entry, history, spec, through }: Looked): Gate | undefined {
  const { state, before } = entry;
  const earlier = spec.stages.slice(0, own).filter((stage) => hasClusters(stage, spec, history));
  return earlier
    .filter(({ tier }) => !history.gates.isCarried({ state, before }, tier))
    .flatMap(({ after = [] }) => after)
    .find(({ name }) => !through.has(name));
}

function hasClusters({ tier }: StageSpec, { bundles }: ApplicationSpec, { repo }: History): boolean {
  return [...bundles.keys()].some((cluster) => repo.tiers.get(cluster) === tier);
}

function stageOf({ stages }: ApplicationSpec, { repo }: History, cluster: string): number {
  const at = stages.findIndex(({ tier }) => tier === repo.tiers.get(cluster));
  return at < 0 ? stages.length : at;
}

/** A state names each gate that it has passed; that it did so by evidence is another rule. */
function passedNames(state: RolloutState): ReadonlySet<string> {
  return new Set(
    gatesIn(state).flatMap(({ progress }) => (progress.phase === 'passed' ? [progress.name] : [])),
  );
}
