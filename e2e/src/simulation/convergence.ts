import type { Agent } from './agent.ts';
import type { AgentApplication } from './agent-application.ts';
import { isGood } from './history.ts';
import type { History } from './history.ts';
import type { ApplicationSpec, Repo } from './repo.ts';

interface Present {
  readonly repo: Repo;
  readonly history: History;
  readonly agents: readonly Agent[];
  readonly nowMs: number;
}

/** Why the fleet is not yet what the last commit says, in one sentence; undefined when it is. */
export function whyNotConverged(present: Present): string | undefined {
  for (const spec of present.repo.head.applications) {
    const why = whyNotAt(spec, present);
    if (why !== undefined) return `${spec.name}: ${why}`;
  }
  return undefined;
}

function whyNotAt(spec: ApplicationSpec, { history, agents }: Present): string | undefined {
  const state = history.states.get(spec.name);
  if (!state) return 'the rollout is not begun';
  // A fleet that went back is where git is again once nothing is pinned out.
  const isThere = state.phase === 'completed' || (state.phase === 'rolledBack' && !state.pin);
  if (!isThere) return `the rollout is ${state.phase}: ${state.reason}`;
  for (const agent of agents) {
    // A ledger that was lost with it knows nothing of an application that no commit places there any more: it stays as it is.
    const isForgotten =
      !spec.bundles.has(agent.cluster.name) && !history.assignments.has(`${agent.cluster.name}/${spec.name}`);
    const why = isForgotten ? undefined : whyNotIn(agent, spec);
    if (why !== undefined) return `${agent.cluster.name} ${why}`;
  }
  return undefined;
}

function whyNotIn({ cluster, applications }: Agent, { name, bundles }: ApplicationSpec): string | undefined {
  const wanted = bundles.get(cluster.name);
  const there = cluster.objectsOf(name).sort();
  const shall = [...(wanted?.keys ?? [])].sort();
  if (there.join() !== shall.join()) return `has ${there.length} objects in place of ${shall.length}`;
  return wanted && whyNotWell(applications.get(name), wanted.digest);
}

function whyNotWell(application: AgentApplication | undefined, wanted: string): string | undefined {
  const status = application?.status('');
  if (!status) return 'holds nothing';
  if (application?.held?.assignment.bundle !== wanted) return `does not hold bundle ${wanted}`;
  return isGood(status) ? undefined : `is ${status.sync} and ${status.health}`;
}
