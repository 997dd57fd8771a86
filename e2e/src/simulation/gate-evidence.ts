import type { ApprovalGate, Gate, JobGate, MetricGate } from '@meridian/fleet';
import type { GateProgress, RolloutState } from '@meridian/rollout';
import type { Side, Try } from './gate-log.ts';
import { isGood } from './history.ts';
import type { History } from './history.ts';
import { personOf } from './people.ts';
import type { Rollout } from './push-invariants.ts';
import { startMs } from './realm.ts';

/** A gate that a state says has passed. */
export interface Passing {
  readonly entry: Rollout;
  readonly history: History;
  readonly gate: Gate;
  readonly side: Side;
  readonly progress: GateProgress;
  /** Undefined: the ledger did not have the gate before. */
  readonly known: Try | undefined;
  /** True time at which it was decided, as far as one can tell. */
  readonly decidedMs: number;
}

/** Hubs disagree about the time by what a claim took. */
const clockMs = 2_500;
const slackMs = 7_500;
/** For so long what an agent said last counts. */
const staleAfterMs = 15_000;
/** How old a number may be: three intervals, and a while for its way. */
const freshMs = ({ intervalMs }: MetricGate) => 3 * intervalMs + 15_000;

/** Why a gate must not have passed by what really happened; undefined when it may have. */
export function whyNotPassed(passing: Passing): string | undefined {
  const { gate } = passing;
  switch (gate.kind) {
    case 'approval':
      return unapproved(gate, passing);
    case 'webhook':
      return unanswered(passing);
    case 'metric':
      return (
        ofClusters(gate, passing, (cluster) => unmeasured(gate, passing, cluster)) ?? tooEarly(gate, passing)
      );
    case 'job':
      return ofClusters(gate, passing, (cluster) => withoutJob(passing, cluster));
  }
}

function unapproved(gate: ApprovalGate, passing: Passing): string | undefined {
  const { entry, history, known, progress } = passing;
  const { application, target } = entry.state;
  const since = sinceOf(passing)?.seq ?? Infinity;
  const decidedMs = progress.sinceMs ?? 0;
  const words = history.gates
    .wordsAt(application, gate.name)
    .filter(({ release, seq }) => release === target.release.digest && seq > since);
  const no = words.find(({ verb }) => verb === 'reject');
  if (no) return `it passed although ${no.author} rejected it`;
  const authors = gate.excludeAuthor ? history.gates.authorsOf(entry.state) : new Set<string>();
  const valid = words.filter(({ atMs }) => decidedMs - atMs < gate.expiresAfterMs + clockMs);
  const counted = new Set(
    valid.flatMap(({ author }) => {
      const person = personOf(author);
      const mayBe = !gate.roles || gate.roles.some((role) => person?.roles.includes(role));
      return person && mayBe && !authors.has(person.name) ? [person.name] : [];
    }),
  );
  if (counted.size >= gate.required) return undefined;
  return `it has ${counted.size} of ${gate.required} approvals that count in try ${known?.attempt ?? 0}`;
}

/** The try that passes; undefined when the ledger had no such try before. */
function sinceOf({ known, progress }: Passing): Try | undefined {
  return known?.attempt === progress.attempt ? known : undefined;
}

function openedAtMs(passing: Passing): number {
  return sinceOf(passing)?.openedAtMs ?? Infinity;
}

function unanswered(passing: Passing): string | undefined {
  const { entry, history, gate } = passing;
  const { application, target } = entry.state;
  const isAnswered = history.gates.answers.some(
    (answer) =>
      answer.application === application &&
      answer.rollout === target.number &&
      answer.release === target.release.digest &&
      answer.gate === gate.name &&
      answer.askedAtMs >= openedAtMs(passing) &&
      answer.verdict === 'pass',
  );
  return isAnswered ? undefined : 'nobody said pass to a question of this rollout';
}

/** Clusters that a gate asks: before a stage those that have the application, after it those that are healthy. */
function askedBy({ entry, history, side, gate }: Passing): string[] {
  const { state, before } = entry;
  const stage = state.stages.find((one) => (one[side] ?? []).some(({ name }) => name === gate.name));
  const hasFailed = (name: string) =>
    history.failed.has(`${state.application} ${state.target.number} ${name}`) || wasFailed(before, name);
  return (stage?.clusters ?? []).flatMap(({ name, phase }) => {
    const isAsked =
      side === 'before'
        ? before?.placed[name]?.bundle !== undefined
        : phase === 'healthy' && !hasFailed(name);
    return isAsked ? [name] : [];
  });
}

function wasFailed(before: RolloutState | undefined, cluster: string): boolean {
  const clusters = before?.stages.flatMap((stage) => stage.clusters) ?? [];
  return clusters.some(({ name, phase }) => name === cluster && phase === 'failed');
}

function ofClusters(
  gate: MetricGate | JobGate,
  passing: Passing,
  why: (cluster: string) => string | undefined,
): string | undefined {
  const asked = askedBy(passing);
  if (asked.length === 0 && passing.side === 'before')
    return gate.firstInstall === 'pass' ? undefined : 'there is nobody to ask';
  for (const cluster of asked) {
    const found = why(cluster);
    if (found !== undefined) return `${cluster} ${found}`;
  }
  return undefined;
}

/** A ledger that is put back asks again for what an agent has been asked already: the same try of the same release. */
function askedSinceMs(passing: Passing): number {
  const { entry, history, gate } = passing;
  const since = sinceOf(passing);
  return since ? history.gates.firstOpenedAtMs(entry.state, gate.name, since) : Infinity;
}

function unmeasured(gate: MetricGate, passing: Passing, cluster: string): string | undefined {
  const { entry, history, decidedMs } = passing;
  const { application } = entry.state;
  const sinceMs = Math.max(
    askedSinceMs(passing),
    decidedMs - freshMs(gate) - slackMs,
    unwellUntilMs(passing, cluster),
  );
  const readings = (history.gates.readings.get(`${application} ${cluster} ${gate.name}`) ?? []).filter(
    ({ atMs }) => atMs >= sinceMs && atMs <= entry.atMs,
  );
  const isFine = readings.some(
    ({ value }) =>
      value !== undefined && (!eachIsGood.has(gate.aggregate) || value <= (gate.max ?? Infinity)),
  );
  if (!isFine) return `gave no number that counts in ${readings.length} readings`;
  return unreported(gate, passing, cluster);
}

/** What a source said to an agent that nobody hears of is known to nobody. */
function unreported(gate: MetricGate, passing: Passing, cluster: string) {
  const { entry, history, decidedMs } = passing;
  const { application } = entry.state;
  const sinceMs = decidedMs - freshMs(gate) - staleAfterMs;
  const isReported = (history.said.get(`${cluster}/${application}`) ?? []).some(
    ({ atMs, status }) =>
      atMs <= entry.atMs &&
      status.checks?.some(
        ({ id, value, observedAtMs }) =>
          isCheckOf(id, passing) &&
          value !== undefined &&
          atMs - (status.observedAtMs - observedAtMs) >= sinceMs,
      ) === true,
  );
  return isReported ? undefined : 'reported no number that counts';
}

/** Where every number has to be good for all of them together to be. */
const eachIsGood: ReadonlySet<MetricGate['aggregate']> = new Set(['every', 'max']);

/** After a stage nothing counts that was measured before its cluster was last seen unwell. */
function unwellUntilMs({ entry, history, side, decidedMs }: Passing, cluster: string): number {
  if (side === 'before') return -Infinity;
  const { application, placed } = entry.state;
  const generation = placed[cluster]?.generation;
  const bad = (history.said.get(`${cluster}/${application}`) ?? []).findLast(
    ({ atMs, status }) => atMs <= decidedMs - slackMs && status.generation === generation && !isGood(status),
  );
  return (bad?.atMs ?? -Infinity) - slackMs;
}

/** It has to be good for a time without a break, which no number that was stored in it may be. */
function tooEarly(gate: MetricGate, passing: Passing): string | undefined {
  const { decidedMs, entry, history } = passing;
  const asked = askedBy(passing);
  if (asked.length === 0) return undefined;
  if (decidedMs - openedAtMs(passing) < gate.forMs - slackMs) return 'it was not open for so long';
  if (!eachIsGood.has(gate.aggregate)) return undefined;
  const fromMs = Math.max(
    decidedMs - gate.forMs + slackMs,
    openedAtMs(passing) + slackMs,
    history.claimedAtMs,
  );
  const toMs = decidedMs - slackMs;
  for (const cluster of asked) {
    const reports = history.said.get(`${cluster}/${entry.state.application}`) ?? [];
    const broken = reports.find(
      ({ atMs, status }) =>
        atMs >= fromMs &&
        atMs <= toMs &&
        status.checks?.some(
          ({ id, value }) =>
            id.startsWith(`${gate.name}-`) && (value === undefined || value > (gate.max ?? Infinity)),
        ) === true,
    );
    if (broken) return `${cluster} said that it is not good, in the time in which it had to be`;
  }
  return undefined;
}

function withoutJob(passing: Passing, cluster: string): string | undefined {
  const { entry, history, gate, side } = passing;
  const { application, target } = entry.state;
  const wanted = history.repo.meant.get(target.release.digest)?.spec.bundles.get(cluster)?.digest;
  const isThere = (history.gates.jobs.get(`${application} ${cluster} ${gate.name}`) ?? []).some(
    ({ check: of, startedAtMs, release, hasSucceeded }) =>
      hasSucceeded &&
      // A ledger that is put back asks again for what its agent has done by then: the same try of the same release.
      (startedAtMs >= openedAtMs(passing) || (isCheckOf(of, passing) && startedAtMs < history.lifeSinceMs)) &&
      (side === 'before' || history.repo.meant.get(release)?.spec.bundles.get(cluster)?.digest === wanted),
  );
  return isThere ? undefined : 'completed no Job of this try';
}

/** The true time of a hub's time; the other one when that makes no sense, which `times are true` is about. */
export function trueMs(hubMs: number | undefined, storedAtMs: number): number {
  const saidMs = (hubMs ?? 0) - startMs;
  return saidMs <= storedAtMs && storedAtMs - saidMs < 20_000 ? saidMs : storedAtMs;
}

/** Whether an agent was asked this for the present try of a gate: the name of a check ends with its release. */
function isCheckOf(id: string, { entry, gate, progress }: Passing): boolean {
  const { number, release } = entry.state.target;
  return id === `${gate.name}-${number}-${progress.attempt}-${release.digest.slice(7, 15)}`;
}
