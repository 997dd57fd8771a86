import { checkPhases } from '@meridian/fleet';
import type { Freeze } from '@meridian/fleet';
import type { StatusEntry } from '@meridian/ledger';
import type { StatusObserved } from '@meridian/rollout';
import { z } from 'zod';
import { staleAfterMs } from '../view/placements.ts';

const checkShape = z.object({
  id: z.string(),
  phase: z.enum(checkPhases),
  value: z.number().exactOptional(),
  observedAtMs: z.number(),
  message: z.string(),
});
const applicationShape = z.object({
  release: z.string(),
  generation: z.number().int().nonnegative(),
  term: z.number().int().nonnegative(),
  incarnation: z.string().optional(),
  sync: z.enum(['Synced', 'OutOfSync', 'Applying', 'Failed']),
  health: z.enum(['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown']),
  message: z.string(),
  refusedDeletions: z.number().int().positive().exactOptional(),
  checks: z.array(checkShape).exactOptional(),
  observedAtMs: z.number(),
  session: z.string(),
});
const freezeShape = z.object({
  author: z.string(),
  reason: z.string(),
  untilMs: z.number().exactOptional(),
});
const agentShape = z.object({
  session: z.string(),
  limits: z.object({ freeze: freezeShape.exactOptional() }).exactOptional(),
});

interface Heard {
  readonly cluster: string;
  readonly status: z.infer<typeof applicationShape>;
  /** The report as rollouts take it, made once: they ask for it again and again. */
  readonly report: Omit<StatusObserved, 'stale'>;
  readonly atMs: number;
}

/** A term that an agent has seen. Undefined: the agent does not say of which ledger. */
export interface SeenTerm {
  readonly term: number;
  readonly incarnation: string | undefined;
}

/** The last report of every application in every cluster, as a leader needs it. */
export interface StatusMemory {
  /** Takes in an entry of the board; what cannot be read is no report. */
  take(entry: StatusEntry): void;
  /** What a cluster last said of an application, stale when its agent was silent too long; undefined without a report of the agent's present session. */
  observed(application: string, cluster: string, nowMs: number): StatusObserved | undefined;
  /** Every application that some cluster reported of. */
  clustersOf(application: string): readonly string[];
  /** Highest generation each cluster has reported of an application. */
  generationsOf(application: string): { readonly [cluster: string]: number };
  /** Agents that write nothing, by the word of their administrators, as far as they are heard of. */
  freezes(nowMs: number): ReadonlyMap<string, Freeze>;
  /** Highest term that a cluster has reported of an application, and the ledger it is of; undefined without a report. */
  termOf(application: string, cluster: string): SeenTerm | undefined;
  /** Highest term that any agent has seen and that is at most `ceiling`: a claim has to go above it. `notOf` leaves out one leader's own term. */
  highestTerm(ceiling: number, notOf?: { readonly incarnation: string; readonly term: number }): number;
}

/** A memory that has heard nothing. `changed` is called with the application of each report that was taken. */
export function createStatusMemory(
  changed: (application: string | undefined, cluster: string) => void,
): StatusMemory {
  const byApplication = new Map<string, Map<string, Heard>>();
  const agents = new Map<string, { readonly session: string; readonly atMs: number }>();
  /** Of the few that say so: a leader asks at every decision. */
  const frozen = new Map<string, Freeze>();
  /** By cluster and application, so that one agent's absurd term hides nobody else's. */
  const terms = new Map<string, SeenTerm>();

  const takeApplication = (entry: StatusEntry, application: string) => {
    const clusters = byApplication.get(application) ?? new Map<string, Heard>();
    byApplication.set(application, clusters);
    const read = applicationShape.safeParse(entry.value);
    if (!read.success) {
      clusters.delete(entry.cluster);
      return;
    }
    const { cluster, atMs } = entry;
    const { session: _, term, incarnation, ...said } = read.data;
    const report = { kind: 'statusObserved', cluster, ...said } as const;
    clusters.set(cluster, { cluster, status: read.data, report, atMs });
    const key = `${cluster}/${application}`;
    if (term >= (terms.get(key)?.term ?? 0)) terms.set(key, { term, incarnation });
  };

  /** With the session changes which reports are believed, so all of the cluster's are looked at again. */
  const takeAgent = ({ cluster, atMs }: StatusEntry, { session, limits }: z.infer<typeof agentShape>) => {
    const isNew = agents.get(cluster)?.session !== session;
    agents.set(cluster, { session, atMs });
    if (limits?.freeze) frozen.set(cluster, limits.freeze);
    else frozen.delete(cluster);
    if (!isNew) return;
    for (const [application, clusters] of byApplication)
      if (clusters.has(cluster)) changed(application, cluster);
  };

  // A heartbeat says that everything its session reported still holds.
  const affirmedAtMs = (heard: Heard) => {
    const agent = agents.get(heard.cluster);
    return agent?.session === heard.status.session ? Math.max(agent.atMs, heard.atMs) : heard.atMs;
  };

  return {
    take(entry) {
      const agent = agentShape.safeParse(entry.value);
      if (entry.application !== undefined) takeApplication(entry, entry.application);
      else if (agent.success) takeAgent(entry, agent.data);
      changed(entry.application, entry.cluster);
    },
    observed(application, cluster, nowMs) {
      const heard = byApplication.get(application)?.get(cluster);
      if (!heard || (agents.get(cluster)?.session ?? heard.status.session) !== heard.status.session)
        return undefined;
      return { ...heard.report, stale: nowMs - affirmedAtMs(heard) > staleAfterMs };
    },
    freezes: (nowMs) =>
      new Map(
        // What an agent said that is silent since is no reason to wait for it: then it is late like any other.
        [...frozen].filter(([cluster]) => nowMs - (agents.get(cluster)?.atMs ?? 0) <= staleAfterMs),
      ),
    clustersOf: (application) => [...(byApplication.get(application)?.keys() ?? [])],
    generationsOf(application) {
      const heard = byApplication.get(application) ?? new Map<string, Heard>();
      return Object.fromEntries([...heard].map(([cluster, { status }]) => [cluster, status.generation]));
    },
    termOf: (application, cluster) => terms.get(`${cluster}/${application}`),
    highestTerm(ceiling, notOf) {
      const counted = [...terms.values()].filter(
        ({ term, incarnation }) =>
          term <= ceiling && !(term === notOf?.term && incarnation === notOf.incarnation),
      );
      return counted.reduce((highest, { term }) => Math.max(highest, term), 0);
    },
  };
}
