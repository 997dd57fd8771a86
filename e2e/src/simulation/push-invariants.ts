import type { Entry, History, HoldWord } from './history.ts';
import { startMs } from './realm.ts';
import { projectOf } from './repo.ts';

/** A state of a rollout in the ledger. */
export type Rollout = Extract<Entry, { kind: 'rollout' }>;

/** One rule about the states of rollouts. `check` gives what is wrong with an entry before it is taken in. */
export interface StateInvariant {
  readonly name: string;
  readonly check: (entry: Rollout, history: History) => string | undefined;
}

/** When nothing may be given to a cluster, held against the records of people's words. To add a rule, add it here. */
export const pushInvariants: readonly StateInvariant[] = [
  { name: 'nothing moves while it is paused', check: pausedStandsStill },
  { name: 'nothing is pushed that is held', check: heldStandsStill },
  { name: 'nothing is pushed outside of its windows', check: windowsAreMinded },
  { name: 'nothing is pushed to an agent that stands still', check: agentsStandStill },
  { name: 'a start is left to a person', check: startedByPerson },
];

/** Hubs disagree about the time by what a claim took. */
const clockMs = 2_500;
const slackMs = 7_500;
/** An agent that is silent for longer has no word that counts. */
const freshMs = 4_500;
const minuteMs = 60_000;

/** A cluster that a state gives something new. */
export interface Planned {
  readonly cluster: string;
  readonly isWithdrawal: boolean;
  /** Unix time by the hub that decided. */
  readonly decidedMs: number;
}

/** The clusters that this state, and none before it, gives something. */
export function plannedNow({ state, before, atMs }: Rollout): Planned[] {
  const clusters = state.stages.flatMap((stage) => stage.clusters);
  const { progressDeadlineMs } = state.target.strategy;
  const isEnd =
    'endedAtMs' in state && !(before && 'endedAtMs' in before && before.endedAtMs === state.endedAtMs);
  // What is given once a rollout is over was decided when it was stored, as far as anybody can tell.
  const endedMs = isEnd ? state.endedAtMs : startMs + atMs;
  return Object.entries(state.placed).flatMap(([cluster, { generation, release, bundle }]) => {
    if (release === undefined || generation === (before?.placed[cluster]?.generation ?? 0)) return [];
    const { deadlineAtMs } = clusters.find(({ name }) => name === cluster) ?? {};
    const saidMs = deadlineAtMs === undefined ? endedMs : deadlineAtMs - progressDeadlineMs;
    // One that is told again keeps the time that its stage has, which tells of no decision: nothing is decided after it was stored.
    const decidedMs = saidMs > startMs + atMs + clockMs ? startMs + atMs : saidMs;
    return [{ cluster, isWithdrawal: bundle === undefined, decidedMs }];
  });
}

/** Whether a state gives a cluster what it has of an earlier release at another generation: nothing new to any gate (`told-again.ts`). */
export function isToldAgain({ state, before }: Rollout, cluster: string): boolean {
  const release = state.placed[cluster]?.release;
  return release !== state.target.release.digest && release === before?.placed[cluster]?.release;
}

function pausedStandsStill(entry: Rollout, history: History): string | undefined {
  const { words } = history;
  const { application, phase, reason } = entry.state;
  if (!words.isPausedAfter(entry)) return undefined;
  const [first] = plannedNow(entry);
  if (first) return `${application} is paused, and ${first.cluster} is given something`;
  const mayBe = ['progressing', 'rollingBack', 'waiting'].includes(phase);
  return mayBe ? undefined : `${application} is paused, and its rollout is ${phase}: ${reason}`;
}

function heldStandsStill(entry: Rollout, history: History): string | undefined {
  const { holds } = history;
  for (const planned of plannedNow(entry)) {
    const found = [...holds.values()].find((hold) => isHeldBy(hold, entry.state.application, planned));
    if (found) return `${planned.cluster} is given something while ${found.scope} ${found.name} is held`;
  }
  return undefined;
}

function isHeldBy(
  { scope, name, released, untilMs = Infinity }: HoldWord,
  application: string,
  { cluster, decidedMs }: Planned,
): boolean {
  if (released !== undefined || untilMs < decidedMs + clockMs) return false;
  const meant = { fleet: '', project: projectOf(application), application, cluster };
  return name === meant[scope];
}

function windowsAreMinded(entry: Rollout, history: History): string | undefined {
  const { repo } = history;
  const { target } = entry.state;
  const spec = repo.meant.get(target.release.digest)?.spec;
  if (!spec || target.back || target.windowsBroken) return undefined;
  for (const { cluster, isWithdrawal, decidedMs } of plannedNow(entry)) {
    const minded = spec.windows.filter(({ tier }) => tier === undefined || tier === repo.tiers.get(cluster));
    const isOpen = ({ openMs }: (typeof minded)[number]) => (decidedMs - startMs) % minuteMs < openMs;
    const allows = minded.filter(({ kind }) => kind === 'allow');
    const isDenied = minded.some((window) => window.kind === 'deny' && isOpen(window));
    const isClosed = isDenied || (allows.length > 0 && !allows.some(isOpen));
    if (isClosed && !isWithdrawal) return `${cluster} is given something while its windows are closed`;
  }
  return undefined;
}

/** An agent that is paused or frozen gets the way back only. */
function agentsStandStill(entry: Rollout, history: History): string | undefined {
  const { application, target } = entry.state;
  if (target.back) return undefined;
  for (const { cluster, decidedMs } of plannedNow(entry)) {
    const { pause } = history.assignments.get(`${cluster}/${application}`) ?? {};
    if (pause && pause.untilMs > decidedMs + clockMs)
      return `${cluster} is given something while it is paused there`;
    if (isKnownFrozen(history, cluster, decidedMs - startMs))
      return `${cluster} is given something while it is frozen`;
  }
  return undefined;
}

/** Whether a leader that reads what it is told has to know that an agent is frozen. */
function isKnownFrozen(
  { frozenSinceMs, spoke, claimedAtMs }: History,
  cluster: string,
  atMs: number,
): boolean {
  const lastMs = spoke.get(cluster)?.findLast((spokeMs) => spokeMs <= atMs - slackMs) ?? -Infinity;
  const sinceMs = Math.max(frozenSinceMs.get(cluster) ?? Infinity, claimedAtMs);
  return sinceMs <= atMs - slackMs && lastMs >= atMs - slackMs - freshMs;
}

function startedByPerson(entry: Rollout, history: History): string | undefined {
  const { repo, words } = history;
  const { application, target } = entry.state;
  const spec = repo.meant.get(target.release.digest)?.spec;
  if (spec?.start !== 'manual' || target.back || words.isStarted(entry)) return undefined;
  const [first] = plannedNow(entry);
  return first && `rollout ${target.number} of ${application} moves ${first.cluster} and nobody started it`;
}
