import type { Assignment } from '@meridian/fleet';
import type { RolloutState } from '@meridian/rollout';
import { isGood } from './history.ts';
import type { Assign, Entry, History } from './history.ts';
import { startMs } from './realm.ts';
import { amountOf } from './repo.ts';
import type { ApplicationSpec, StageSpec } from './repo.ts';
import { writtenByClaimant } from './claim-invariants.ts';
import { dependencyInvariants } from './dependency-invariants.ts';
import { gateInvariants } from './gate-invariants.ts';
import { pushInvariants } from './push-invariants.ts';
import { toldAgainAsItWas } from './told-again.ts';
import { verbInvariants } from './verb-invariants.ts';

type Evidence = NonNullable<RolloutState['stages'][number]['clusters'][number]['evidence']>;

/** One rule about what may be in the ledger. `check` gives what is wrong with an entry before it is taken in. */
export interface LedgerInvariant {
  readonly name: string;
  readonly check: (entry: Entry, history: History) => string | undefined;
}

/** Reports and decisions take their way: seconds in bad weather. */
const slackMs = 7_500;
const staleAfterMs = 15_000;
/** Of two reports that come so close together a leader may see the later one only: it goes by what is so when it looks. */
const overtakenMs = 1_000;
/** Hubs disagree about the time by what a claim took. */
const clockMs = 2_500;

type Rollout = Extract<Entry, { kind: 'rollout' }>;

const onAssign =
  (check: (entry: Assign, history: History) => string | undefined) => (entry: Entry, history: History) =>
    entry.kind === 'assign' ? check(entry, history) : undefined;
const onRollout =
  (check: (entry: Rollout, history: History) => string | undefined) => (entry: Entry, history: History) =>
    entry.kind === 'rollout' ? check(entry, history) : undefined;

/** An assignment that tells a cluster something new, not a fresh signature or another pause. */
const isNew = ({ assignment, before }: Assign) => before?.generation !== assignment.generation;

/** Rules of the rollout itself, held against what the author of the release meant. To add one, add it here. */
export const rolloutInvariants: readonly LedgerInvariant[] = [
  { name: 'I2 only who claimed writes', check: writtenByClaimant },
  { name: 'one content per generation', check: onAssign(oneContent) },
  { name: 'I5 state before assignment', check: onAssign(stateFirst) },
  { name: 'I5 stages in order', check: onAssign(stagesInOrder) },
  { name: 'maxConcurrent', check: onAssign(withinConcurrency) },
  { name: 'failure budget', check: onAssign(withinBudget) },
  { name: 'deletions need consent', check: onAssign(deletionsAllowed) },
  { name: 'withdrawn only when the release says so', check: onAssign(withdrawnOnlyWhenMeant) },
  { name: 'I3 floors of agents are minded', check: onAssign(aboveItsAgent) },
  { name: 'told again as it was', check: onAssign(toldAgainAsItWas) },
  { name: 'what a state says is assigned', check: onRollout(nothingMissing) },
  { name: 'begun only with a consent', check: onRollout(begunWithConsent) },
  { name: 'I5 evidence is a report', check: onRollout(evidenceIsReal) },
  { name: 'soak lasted', check: onRollout(soakLasted) },
  { name: 'times are true', check: onRollout(timesAreTrue) },
  ...[...pushInvariants, ...verbInvariants, ...gateInvariants, ...dependencyInvariants].map(
    ({ name, check }) => ({
      name,
      check: onRollout(check),
    }),
  ),
];

function oneContent({ assignment, before }: Assign): string | undefined {
  if (before?.generation !== assignment.generation) return undefined;
  if (before.release === assignment.release && before.bundle === assignment.bundle) return undefined;
  return `${where(assignment)} has two contents`;
}

function stateFirst(entry: Assign, { states }: History): string | undefined {
  const { assignment } = entry;
  const placed = states.get(assignment.application)?.placed[assignment.cluster];
  if (placed?.generation === assignment.generation && placed.release === assignment.release) return undefined;
  if (!isNew(entry) && placed && placed.generation > assignment.generation) return undefined;
  return `${where(assignment)} is not in the state of its rollout (generation ${placed?.generation ?? 'none'})`;
}

/** Whoever decides has heard for long what generation the agent has, and gives one above it. */
function aboveItsAgent(entry: Assign, history: History): string | undefined {
  const { assignment } = entry;
  const { cluster, application, generation } = assignment;
  const decidedMs = history.decidedAtMs(entry);
  const sinceMs = Math.max(history.lifeSinceMs, history.claimedAtMs);
  if (!isNew(entry) || decidedMs < sinceMs + slackMs) return undefined;
  const last = (history.said.get(`${cluster}/${application}`) ?? []).findLast(
    ({ atMs }) => atMs <= decidedMs - slackMs && atMs > history.lifeSinceMs,
  );
  if (!last || last.status.generation < generation) return undefined;
  // It has this very assignment from a ledger that was put back: a leader that hears of all agents at once may give it before its turn.
  if (last.status.generation === generation && last.status.release === assignment.release) return undefined;
  return `${where(assignment)} is not above generation ${last.status.generation}, which its agent has had for long`;
}

/** A leader writes a state with its assignments, and a new one first makes up for what is missing. */
function nothingMissing({ before }: Rollout, { assignments }: History): string | undefined {
  if (!before) return undefined;
  const { application, placed } = before;
  const missing = Object.entries(placed).find(
    ([cluster, { release, generation }]) =>
      release !== undefined && (assignments.get(`${cluster}/${application}`)?.generation ?? 0) < generation,
  );
  return (
    missing && `generation ${missing[1].generation} of ${application} in ${missing[0]} was never written`
  );
}

/** The stage of each cluster as it was written: the first that selects it, or the last of all. */
function stageIndex(
  { stages }: ApplicationSpec,
  tiers: ReadonlyMap<string, string>,
  cluster: string,
): number {
  const at = stages.findIndex(({ tier }) => tier === tiers.get(cluster));
  return at < 0 ? stages.length : at;
}

function stagesInOrder(entry: Assign, history: History): string | undefined {
  const { assignment } = entry;
  const spec = specOf(history, assignment.release);
  if (!isNew(entry) || !spec || isBack(entry, history)) return undefined;
  const given = history.givenAt(assignment.application, assignment.release);
  const { tiers } = history.repo;
  const own = assignment.bundle === undefined ? Infinity : stageIndex(spec, tiers, assignment.cluster);
  const earlier = [...spec.bundles.keys()].filter((name) => stageIndex(spec, tiers, name) < own);
  const unproven = earlier.filter(
    (name) => given.get(name)?.healthyAtMs === undefined && !hasProven(history, assignment, name),
  );
  const isMandatory = (name: string) => spec.stages[stageIndex(spec, tiers, name)]?.mandatory === true;
  if (unproven.length <= failuresAllowed(spec) && !unproven.some(isMandatory)) return undefined;
  return `${where(assignment)} while earlier stages have no proof of health from ${unproven.join(', ')}`;
}

/** How many clusters may fail, as the author of a release meant it. */
function failuresAllowed({ failureBudget, bundles }: ApplicationSpec): number {
  return amountOf(failureBudget, bundles.size);
}

/** Whether an assignment takes its cluster back: then the rules of `verb-invariants.ts` hold. */
function isBack({ assignment }: Assign, { states }: History): boolean {
  const target = states.get(assignment.application)?.target;
  return target?.back !== undefined && target.release.digest === assignment.release;
}

function withinConcurrency(entry: Assign, history: History): string | undefined {
  const { assignment } = entry;
  const atMs = history.decidedAtMs(entry);
  const spec = specOf(history, assignment.release);
  const { tiers } = history.repo;
  if (!isNew(entry) || !spec || assignment.bundle === undefined || isBack(entry, history)) return undefined;
  const given = history.givenAt(assignment.application, assignment.release);
  if (given.has(assignment.cluster)) return undefined;
  const own = stageIndex(spec, tiers, assignment.cluster);
  const stage: StageSpec | undefined = spec.stages[own];
  if (!stage || history.helped.has(assignment.release)) return undefined;
  const moving = [...given].filter(
    ([name, { healthyAtMs, lastAtMs }]) =>
      stageIndex(spec, tiers, name) === own &&
      spec.bundles.has(name) &&
      healthyAtMs === undefined &&
      atMs - lastAtMs < spec.progressDeadlineMs - 1_000,
  );
  const all = [...spec.bundles.keys()].filter((name) => stageIndex(spec, tiers, name) === own);
  const most = Math.max(1, amountOf(stage.maxConcurrent, all.length));
  if (moving.length < most) return undefined;
  return `${where(assignment)} is one more than ${most} at once`;
}

function withinBudget(entry: Assign, history: History): string | undefined {
  const { assignment } = entry;
  const atMs = history.decidedAtMs(entry);
  const spec = specOf(history, assignment.release);
  if (!isNew(entry) || !spec || history.helped.has(assignment.release)) return undefined;
  if (isBack(entry, history)) return undefined;
  const given = history.givenAt(assignment.application, assignment.release);
  if (given.has(assignment.cluster)) return undefined;
  const failed = [...given].filter(
    ([name, { healthyAtMs, lastAtMs }]) =>
      spec.bundles.has(name) &&
      healthyAtMs === undefined &&
      // Nobody is late while nothing may be done for the application there.
      ![`${assignment.application}/${name}`, `/${name}`].some((one) => history.stoodStill.has(one)) &&
      atMs - lastAtMs > spec.progressDeadlineMs + 2 * slackMs,
  );
  const allowed = failuresAllowed(spec);
  if (failed.length <= allowed) return undefined;
  return `${where(assignment)} with ${failed.length} failed (${failed.map(([name]) => name).join(', ')}), budget ${allowed}`;
}

function deletionsAllowed({ assignment }: Assign, history: History): string | undefined {
  const spec = specOf(history, assignment.release);
  const { application, release, cluster, allowedDeletions } = assignment;
  if (!spec || allowedDeletions <= spec.deletionBudget) return undefined;
  const consents = history.consents.filter(
    (one) => one.application === application && one.release === release,
  );
  // A consent without numbers is to the whole release.
  const isCovered = consents.some(
    ({ deletions }) => (deletions?.[cluster] ?? 0) >= allowedDeletions || !deletions,
  );
  if (isCovered) return undefined;
  return `${where(assignment)} may delete ${allowedDeletions} (budget ${spec.deletionBudget}) without a consent`;
}

function withdrawnOnlyWhenMeant({ assignment }: Assign, history: History): string | undefined {
  const bundle = specOf(history, assignment.release)?.bundles.get(assignment.cluster);
  if (bundle?.digest === assignment.bundle) return undefined;
  return `${where(assignment)} has ${assignment.bundle ?? 'nothing'}, its release ${bundle?.digest ?? 'nothing'}`;
}

function begunWithConsent({ state, before }: Rollout, { consents }: History): string | undefined {
  const { number, release } = state.target;
  if (before?.phase !== 'waiting' || before.needs !== 'approval' || before.target.number !== number)
    return undefined;
  const isConsented = consents.some((one) => one.release === release.digest);
  const isLeft = state.phase === 'aborted' || (state.phase === 'waiting' && state.needs === 'approval');
  return isLeft || isConsented
    ? undefined
    : `rollout ${number} of ${state.application} left its wait without a consent`;
}

function evidenceIsReal({ state, before }: Rollout, history: History): string | undefined {
  const { said } = history;
  const known = evidenceKnown(state, before);
  for (const { name, evidence } of state.stages.flatMap(({ clusters }) => clusters)) {
    if (!evidence || known.has(evidenceText(name, evidence))) continue;
    const reports = said.get(`${name}/${state.application}`) ?? [];
    const isSaid = reports.some(
      ({ status }) =>
        status.release === evidence.release &&
        status.generation === evidence.generation &&
        status.observedAtMs === evidence.observedAtMs &&
        isGood(status),
    );
    if (!isSaid || !isSameIn(history, name, [evidence.release, state.target.release.digest]))
      return `${name} has evidence at generation ${evidence.generation} that nobody gave for this release`;
  }
  return undefined;
}

/** Evidence of this very rollout that was held against the reports when it was written first. */
function evidenceKnown(state: RolloutState, before: RolloutState | undefined): ReadonlySet<string> {
  if (before?.target.number !== state.target.number) return new Set();
  const clusters = before.stages.flatMap((stage) => stage.clusters);
  return new Set(clusters.flatMap(({ name, evidence }) => (evidence ? [evidenceText(name, evidence)] : [])));
}

function evidenceText(name: string, { release, generation, observedAtMs }: Evidence): string {
  return `${name} ${generation} ${observedAtMs} ${release}`;
}

/** Stages that this state says have passed and the one before it did not. */
function passedNow({ state, before }: Rollout) {
  const isSame = before?.target.number === state.target.number;
  return state.stages.filter(
    ({ phase }, at) => phase === 'passed' && !(isSame && before.stages[at]?.phase === 'passed'),
  );
}

/** Whether a stage of a new rollout has passed with what its clusters had proven when the one before it passed. */
function isCarried({ clusters }: RolloutState['stages'][number], { state, before }: Rollout): boolean {
  if (!before || before.target.number === state.target.number) return false;
  const passed = before.stages.filter(({ phase }) => phase === 'passed').flatMap((stage) => stage.clusters);
  return clusters.every(({ name }) => passed.some((one) => one.name === name && one.phase === 'healthy'));
}

function soakLasted(entry: Rollout, history: History): string | undefined {
  const { state, atMs } = entry;
  const soaked = passedNow(entry).filter((stage) => !stage.promoted && !isCarried(stage, entry));
  for (const stage of soaked) {
    // What was decided may be stored seconds later.
    const saidMs = (stage.passedAtMs ?? 0) - startMs;
    const decidedMs = saidMs <= atMs && atMs - saidMs < 20_000 ? saidMs : atMs;
    for (const { name, phase, generation } of stage.clusters) {
      // One that had failed within the budget holds up nobody, also when it gets well after all.
      const hadFailed = history.failed.has(`${state.application} ${state.target.number} ${name}`);
      if (phase !== 'healthy' || hadFailed) continue;
      const why = unwell(history, state, {
        name,
        generation,
        // What was bad when the soak began, or came to be so in it, ends it once it is heard of.
        fromMs: decidedMs - stage.soakMs + clockMs,
        toMs: decidedMs - slackMs,
      });
      if (why !== undefined) return `stage ${stage.name} passed although ${name} ${why}`;
    }
  }
  return undefined;
}

/** Why a cluster was not well all through a time; undefined when it was, or when the time is no time. */
function unwell(
  history: History,
  { application, target }: RolloutState,
  {
    name,
    generation,
    fromMs,
    toMs,
  }: { name: string; generation: number | undefined; fromMs: number; toMs: number },
): string | undefined {
  const { said, heard, lifeSinceMs } = history;
  const sinceMs = knownSince(history, fromMs);
  if (toMs < sinceMs || fromMs < lifeSinceMs) return undefined;
  // A hub that stood still writes late what an agent said to it before.
  const reports = (said.get(`${name}/${application}`) ?? []).filter(
    ({ status }) => status.generation >= (generation ?? 0),
  );
  const isWell = ({ status }: (typeof reports)[number]) =>
    isSameIn(history, name, [status.release, target.release.digest]) &&
    status.generation === generation &&
    isGood(status);
  const present = reports.filter(({ isLate }) => !isLate);
  const before = present.findLast(({ atMs }) => atMs <= sinceMs);
  if (!before || !isWell(before)) return 'was not healthy when its soak began';
  const bad = present.find((one, at) => {
    const lastedMs = (present[at + 1]?.atMs ?? Infinity) - one.atMs;
    return one.atMs > sinceMs && one.atMs <= toMs && lastedMs >= overtakenMs && !isWell(one);
  });
  if (bad) return `was ${bad.status.sync} and ${bad.status.health} in its soak`;
  const times = (heard.get(name) ?? []).filter((atMs) => atMs <= toMs);
  const isSilent = toMs - (times.at(-1) ?? -Infinity) > staleAfterMs + slackMs;
  return isSilent ? 'was silent for long in its soak' : undefined;
}

/** What was bad and good again before the leader had read the ledger it cannot know: only the last report of each is kept. */
function knownSince({ claimedAtMs }: History, fromMs: number): number {
  return claimedAtMs > fromMs - clockMs ? claimedAtMs + slackMs : fromMs;
}

function timesAreTrue(entry: Rollout): string | undefined {
  for (const stage of passedNow(entry)) {
    const offMs = (stage.passedAtMs ?? 0) - startMs - entry.atMs;
    if (offMs > 1_000 || offMs < -60_000)
      return `stage ${stage.name} says that it passed ${Math.round(offMs / 1_000)} s from when it did`;
  }
  return undefined;
}

/** Whether releases are the same for one cluster: what it has proven of one holds for the other. */
function isSameIn(history: History, cluster: string, [one, other]: readonly [string, string]): boolean {
  const digestOf = (release: string) => specOf(history, release)?.bundles.get(cluster)?.digest;
  return one === other || (digestOf(one) !== undefined && digestOf(one) === digestOf(other));
}

/** Whether a cluster was well with the content that the release of an assignment has for it. */
function hasProven(history: History, { application, release }: Assignment, cluster: string): boolean {
  const reports = history.said.get(`${cluster}/${application}`) ?? [];
  return reports.some(
    ({ status }) => isGood(status) && isSameIn(history, cluster, [status.release, release]),
  );
}

function specOf({ repo }: History, release: string): ApplicationSpec | undefined {
  return repo.meant.get(release)?.spec;
}

function where({ application, cluster, generation, release }: Assignment): string {
  return `${application} in ${cluster}, generation ${generation}, release ${release.slice(7, 15)}`;
}
