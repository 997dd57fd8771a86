import type { Assignment } from '@meridian/fleet';
import type { Assign, History } from './history.ts';

/**
 * What is no part of the target is told again only: as it was, with no more leave to delete, while gates before a stage ask
 * clusters, and to an agent that has said that it refuses what the ledger has. Gives what is wrong with an assignment otherwise.
 */
export function toldAgainAsItWas({ assignment, before }: Assign, history: History): string | undefined {
  const { application, cluster, generation, release } = assignment;
  const target = history.states.get(application)?.target;
  if (before?.generation === generation || !target || target.release.digest === release) return undefined;
  const what = `${application} in ${cluster}, generation ${generation}, of an earlier release`;
  const why = before ? whyNotAgain(assignment, before, history) : 'was never given before';
  return why && `${what} ${why}`;
}

function whyNotAgain(assignment: Assignment, before: Assignment, history: History): string | undefined {
  if (contentOf(before) !== contentOf(assignment)) return 'is not what it was';
  if (assignment.allowedDeletions > before.allowedDeletions) return 'may delete more than it might';
  if (!asksBefore(assignment.application, history)) return 'is told again though no gate asks';
  return isKnownAhead(before, history) ? undefined : 'is told again though its agent has taken it';
}

/** Whether the target's author has written a gate that asks clusters before their stage. */
function asksBefore(application: string, { states, repo }: History): boolean {
  const target = states.get(application)?.target.release.digest ?? '';
  const gates = repo.meant.get(target)?.spec.stages.flatMap(({ before = [] }) => before) ?? [];
  return gates.some(({ kind }) => kind === 'metric' || kind === 'job');
}

/** All that an agent goes by, but for the signature and what is asked of it. */
function contentOf(assignment: Assignment): string {
  const { generation: _, allowedDeletions: __, checks: ___, ...rest } = assignment;
  const { term: ____, incarnation: _____, issuedAtMs: ______, expiresAtMs: _______, ...content } = rest;
  return JSON.stringify(Object.entries(content).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isKnownAhead({ application, cluster, generation, release }: Assignment, { said }: History): boolean {
  return (said.get(`${cluster}/${application}`) ?? []).some(
    ({ status }) =>
      status.generation > generation || (status.generation === generation && status.release !== release),
  );
}
