import type { Dependency } from '@meridian/fleet';
import { trueMs } from './gate-evidence.ts';
import { isGood } from './history.ts';
import type { History } from './history.ts';
import { plannedNow } from './push-invariants.ts';
import type { Planned, Rollout, StateInvariant } from './push-invariants.ts';
import type { ApplicationSpec } from './repo.ts';

/** What waits for another application, held against what agents said of that one. */
export const dependencyInvariants: readonly StateInvariant[] = [
  { name: 'nothing is pushed before what it depends on', check: dependenciesFirst },
];

const slackMs = 7_500;
const staleAfterMs = 15_000;

function dependenciesFirst(entry: Rollout, history: History): string | undefined {
  const { target, application } = entry.state;
  const dependsOn = history.repo.meant.get(target.release.digest)?.spec.dependsOn ?? [];
  if (target.back || dependsOn.length === 0) return undefined;
  const pushed = plannedNow(entry).filter(({ isWithdrawal }) => !isWithdrawal);
  for (const planned of pushed.filter((one) => !isAgain(entry, one)))
    for (const dependency of dependsOn) {
      const asked = { entry, history, planned, dependency };
      const isMet = wantedSince(target.release.revision, asked).some((wanted) => isThere(wanted, asked));
      if (!isMet)
        return `${planned.cluster} is given ${application} before ${dependency.application} is healthy (${dependency.scope})`;
    }
  return undefined;
}

/** The same content again goes to an agent that is ahead of the ledger. */
function isAgain({ state, before }: Rollout, { cluster }: Planned): boolean {
  return before?.placed[cluster]?.bundle === state.placed[cluster]?.bundle;
}

interface Asked {
  readonly entry: Rollout;
  readonly history: History;
  readonly planned: Planned;
  readonly dependency: Dependency;
}

/** What git has said of the other application since the release that is pushed: which of it the leader knows nobody can tell. */
function wantedSince(since: string, { history, dependency }: Asked): ApplicationSpec[] {
  return history.repo.commits
    .filter(({ revision }) => revision >= since)
    .flatMap(({ applications }) => applications.filter(({ name }) => name === dependency.application));
}

function isThere(wanted: ApplicationSpec, asked: Asked): boolean {
  const { history, planned, dependency } = asked;
  if (wanted.isBroken) return false;
  if (dependency.scope === 'cluster') return isHealthyIn(planned.cluster, wanted, asked);
  const phase = history.states.get(dependency.application)?.phase;
  const isOver = phase === 'completed' || phase === 'rolledBack';
  return isOver && [...wanted.bundles.keys()].every((cluster) => isHealthyIn(cluster, wanted, asked));
}

/** Whether an agent said lately that it is well with just this content; its last word, or one that may have been underway. */
function isHealthyIn(cluster: string, wanted: ApplicationSpec, { entry, history, planned }: Asked): boolean {
  const bundle = wanted.bundles.get(cluster)?.digest;
  const decidedMs = trueMs(planned.decidedMs, entry.atMs);
  const reports = (history.said.get(`${cluster}/${wanted.name}`) ?? []).filter(
    ({ atMs }) => atMs <= entry.atMs,
  );
  const last = reports.findLastIndex(({ atMs }) => atMs <= decidedMs - slackMs);
  const candidates = reports.slice(Math.max(0, last));
  const isHeard = (history.heard.get(cluster) ?? []).some(
    (atMs) => atMs <= entry.atMs && atMs >= decidedMs - staleAfterMs - slackMs,
  );
  return (
    bundle !== undefined &&
    isHeard &&
    candidates.some(({ status }) => {
      const spec = history.repo.meant.get(status.release)?.spec;
      return isGood(status) && spec?.bundles.get(cluster)?.digest === bundle;
    })
  );
}
