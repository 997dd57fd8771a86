import type { GateProgress, RolloutState } from '@meridian/rollout';
import { gatesIn } from './gate-log.ts';
import type { History } from './history.ts';
import { plannedNow } from './push-invariants.ts';
import type { Rollout, StateInvariant } from './push-invariants.ts';
import { amountOf } from './repo.ts';
import type { ApplicationSpec } from './repo.ts';

/** How rollouts end, wait and go back, held against what people said and what the author meant. To add a rule, add it here. */
export const verbInvariants: readonly StateInvariant[] = [
  { name: 'I3 states never go back', check: generationsGrow },
  { name: 'only a person skips a soak or a window', check: skippedByPerson },
  { name: 'what was given up stays so', check: abortIsFinal },
  { name: 'halted only over the budget', check: haltedOverBudget },
  { name: 'a queue waits for the end', check: queueWaits },
  { name: 'a pin holds', check: pinHolds },
  { name: 'a rollback goes to what was good', check: goesBackToGood },
  { name: 'a rollback is never rolled back', check: neverTwiceBack },
  { name: 'the way back is the reverse', check: backInReverse },
];

function generationsGrow({ state, before }: Rollout): string | undefined {
  const lower = Object.entries(before?.placed ?? {}).find(
    ([cluster, { generation }]) => (state.placed[cluster]?.generation ?? 0) < generation,
  );
  return lower && `${lower[0]} is below generation ${lower[1].generation}`;
}

/** A stage is promoted while it soaks, and stays so. */
function mayPromote(before: RolloutState | undefined, { target }: RolloutState, name: string): boolean {
  const stage = before?.stages.find((one) => one.name === name);
  if (before?.target.number !== target.number) return false;
  return stage?.promoted !== undefined || stage?.phase === 'soaking';
}

function skippedByPerson({ state, before }: Rollout, { words }: History): string | undefined {
  const { application, target, stages } = state;
  const promoted = stages.flatMap((stage) => (stage.promoted ? [['promote', stage.promoted.reason]] : []));
  const broken = target.windowsBroken ? [['breakGlass', target.windowsBroken.reason]] : [];
  const early = stages.find(({ name, promoted: isNow }) => isNow && !mayPromote(before, state, name));
  if (early) return `stage ${early.name} of ${application} is promoted before it soaks`;
  const unsaid = [...promoted, ...broken].find(
    ([verb = '', reason = '']) => !words.isSaid(application, verb, reason),
  );
  return unsaid && `${application} has a ${unsaid.join(', ')} that nobody said`;
}

/** A rollout whose place another one takes with this state. */
function overtaken({ state, before }: Rollout): RolloutState | undefined {
  return before && before.target.number !== state.target.number ? before : undefined;
}

function abortIsFinal(entry: Rollout, history: History): string | undefined {
  const { state, before } = entry;
  if (before?.phase !== 'aborted' || history.words.wordBefore(entry) !== undefined) return undefined;
  const { number, release } = state.target;
  if (number === before.target.number)
    return state.phase === 'aborted' ? undefined : `${state.application} goes on by itself`;
  return isSameContent(history, [before.target.release.digest, release.digest]) && !before.target.back
    ? `${state.application} begins again by itself`
    : undefined;
}

function haltedOverBudget({ state, before }: Rollout, history: History): string | undefined {
  const isNow = before?.phase !== 'halted' || before.target.number !== state.target.number;
  const spec = specOf(history, state.target.release.digest);
  if (state.phase !== 'halted' || !isNow || !spec) return undefined;
  const wasHealthy = new Set(namesOf(before, 'healthy'));
  // One that was late may be well again by the time that the state is written.
  const failed = state.stages.flatMap(({ clusters, mandatory }) =>
    clusters.flatMap(({ name, phase }) =>
      phase === 'failed' || (phase === 'healthy' && !wasHealthy.has(name)) ? [mandatory === true] : [],
    ),
  );
  const hasFailedGate = gatesIn(state).some(({ progress }) => progress.phase === 'failed');
  const isOver =
    hasFailedGate || failed.length > amountOf(spec.failureBudget, spec.bundles.size) || failed.includes(true);
  return isOver ? undefined : `${state.application} halted with ${failed.length} failed: ${state.reason}`;
}

function namesOf(state: RolloutState | undefined, wanted: string): string[] {
  const clusters = state?.stages.flatMap((stage) => stage.clusters) ?? [];
  return clusters.flatMap(({ name, phase }) => (phase === wanted ? [name] : []));
}

function queueWaits(entry: Rollout, history: History): string | undefined {
  const before = overtaken(entry);
  if (!before || entry.state.target.back || history.words.wordBefore(entry) !== undefined) return undefined;
  const what = `${entry.state.application} goes to ${entry.state.target.release.revision}`;
  if (before.phase === 'rollingBack') return `${what} while it goes back`;
  return hasToBeWaitedFor(before, history) && !dependsOtherwise(entry, history)
    ? `${what}, which has to wait for the end of ${before.target.release.revision}`
    : undefined;
}

/** What a release waits for counts at once when nothing else of it has changed. */
function dependsOtherwise({ state, before }: Rollout, history: History): boolean {
  const pair = [before?.target.release.digest ?? '', state.target.release.digest] as const;
  const [one, other] = pair.map((release) => JSON.stringify(specOf(history, release)?.dependsOn ?? []));
  return one !== other && isSameContent(history, pair);
}

/** Unless it is stuck for want of clusters, and only a newer release can help. */
function hasToBeWaitedFor(before: RolloutState, history: History): boolean {
  if (before.phase !== 'progressing') return false;
  const stage = before.stages[before.stage];
  const isStuck = stage?.clusters.length === 0 || hasNobodyToAsk(before, history);
  return specOf(history, before.target.release.digest)?.onNewer === 'queue' && !isStuck;
}

/** A gate that asks clusters, of which none has the application, or every one has failed. */
function hasNobodyToAsk(
  before: Extract<RolloutState, { phase: 'progressing' | 'rollingBack' }>,
  history: History,
): boolean {
  const stage = before.stages[before.stage];
  const isAsking = ({ name, phase }: GateProgress) => {
    const kind = history.gates.gateOf(before, name)?.kind;
    return phase === 'open' && (kind === 'metric' || kind === 'job');
  };
  const clusters = stage?.clusters ?? [];
  const hasNone = clusters.every(({ name }) => before.placed[name]?.bundle === undefined);
  const areLost = clusters.every(({ phase }) => phase === 'failed');
  return (
    (hasNone && stage?.before?.some(isAsking) === true) || (areLost && stage?.after?.some(isAsking) === true)
  );
}

function pinHolds(entry: Rollout, history: History): string | undefined {
  const { state } = entry;
  const { application, target, pin, placed, phase } = state;
  const left = history.words.left.get(application);
  if (left === undefined || history.words.wordBefore(entry) === 'start') return undefined;
  if (overtaken(entry) && !target.back && isSameWhereBoth(history, [left, target.release.digest]))
    return `${application} goes by itself to ${target.release.revision}, which is what it had left`;
  if (pin || overtaken(entry)) return undefined;
  // On its way back the fleet has what it arrives at.
  const there = new Map([
    ...Object.entries(placed).flatMap(([name, { bundle }]) =>
      bundle === undefined ? [] : [[name, bundle] as const],
    ),
    ...(phase === 'rollingBack' ? namesIn(state).flatMap((name) => arrivesAt(history, state, name)) : []),
  ]);
  const isMet = history.repo.commits.some(({ applications }) =>
    applications.some((spec) => spec.name === application && isPlaced(spec, there)),
  );
  return isMet ? undefined : `${application} is pinned no more, and git never said what the fleet has`;
}

function isPlaced({ bundles }: ApplicationSpec, there: ReadonlyMap<string, string>): boolean {
  return (
    there.size === bundles.size &&
    [...there].every(([cluster, bundle]) => bundles.get(cluster)?.digest === bundle)
  );
}

function namesIn({ stages }: RolloutState): string[] {
  return stages.flatMap(({ clusters }) => clusters.map(({ name }) => name));
}

/** What a cluster of a rollout gets by it. */
function arrivesAt(history: History, { target }: RolloutState, name: string): [string, string][] {
  const bundle = specOf(history, target.release.digest)?.bundles.get(name);
  return bundle ? [[name, bundle.digest]] : [];
}

/** The first state of a way back, with what it leaves. */
function turn(entry: Rollout): { readonly from: RolloutState; readonly isOwn: boolean } | undefined {
  const from = overtaken(entry);
  const { back } = entry.state.target;
  return from && back ? { from, isOwn: back.author === undefined } : undefined;
}

function goesBackToGood(entry: Rollout, history: History): string | undefined {
  const turned = turn(entry);
  if (!turned) return undefined;
  const { application, target } = entry.state;
  if (!history.words.completed.has(`${application} ${target.release.digest}`))
    return `${application} goes back to ${target.release.revision}, which never completed`;
  if (!turned.isOwn) {
    return history.words.wordBefore(entry) === 'rollback' ? undefined : `${application} goes back unasked`;
  }
  const mayTurn = specOf(history, turned.from.target.release.digest)?.onBreach === 'rollback';
  return mayTurn ? undefined : `${application} goes back although its strategy does not say so`;
}

function neverTwiceBack(entry: Rollout): string | undefined {
  const { application, phase, target } = entry.state;
  if (target.back && phase === 'halted') return `${application} halts on its way back`;
  const turned = turn(entry);
  return turned?.isOwn === true && turned.from.target.back
    ? `${application} goes back by itself from where it went back to`
    : undefined;
}

/** Later stages have to be settled before an earlier one is taken back, and nobody loses the application. */
function backInReverse(entry: Rollout, history: History): string | undefined {
  const { state } = entry;
  const { application, target, stages } = state;
  const spec = specOf(history, history.words.forward.get(application) ?? '');
  if (!target.back || !spec) return undefined;
  const placeOf = (cluster: string) => {
    const at = spec.stages.findIndex(({ tier }) => tier === history.repo.tiers.get(cluster));
    return at < 0 ? spec.stages.length : at;
  };
  const clusters = stages.flatMap((stage) => stage.clusters);
  for (const { cluster, isWithdrawal } of plannedNow(entry)) {
    if (isWithdrawal) return `the way back withdraws ${application} from ${cluster}`;
    const open = clusters.find(
      ({ name, phase }) => placeOf(name) > placeOf(cluster) && (phase === 'waiting' || phase === 'assigned'),
    );
    if (open) return `${cluster} is taken back before ${open.name}, which is ${open.phase}`;
  }
  return undefined;
}

/** Whether releases say the same in every cluster that both have, and of how it is done. */
function isSameWhereBoth(history: History, [one, other]: readonly [string, string]): boolean {
  const left = specOf(history, one);
  const right = specOf(history, other);
  if (!left || !right || left.deletionBudget !== right.deletionBudget) return false;
  const common = [...left.bundles].filter(([cluster]) => right.bundles.has(cluster));
  return (
    common.length > 0 &&
    common.every(([cluster, { digest }]) => right.bundles.get(cluster)?.digest === digest)
  );
}

function isSameContent(history: History, pair: readonly [string, string]): boolean {
  const [left, right] = pair.map((release) => [...(specOf(history, release)?.bundles.keys() ?? [])].sort());
  return left?.join() === right?.join() && isSameWhereBoth(history, pair);
}

function specOf({ repo }: History, release: string): ApplicationSpec | undefined {
  return repo.meant.get(release)?.spec;
}
