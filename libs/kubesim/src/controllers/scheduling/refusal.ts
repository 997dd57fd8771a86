import type { Misfit } from './node-fit.ts';

/** What the scheduler says beside the reasons of nodes: of resource claims, which nothing here uses, and of preemption. */
export interface RefusalParts {
  /** Why no node at all could do. */
  readonly everywhere?: string | undefined;
  readonly misfits: readonly Misfit[];
  /** What came of looking for pods to take the place of; undefined when some were found. */
  readonly preemption?: string | undefined;
}

/** Why no node takes a pod, in the real scheduler's words (pkg/scheduler/framework FitError). */
export function refusalText({ everywhere, misfits, preemption }: RefusalParts, nodes: number): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const start = `0/${String(nodes)} nodes are available:`;
  if (everywhere !== undefined) return `${start} ${everywhere}. not found`;
  const reasons = tally(misfits.flatMap((one) => one.reasons));
  const after = preemption === undefined ? '' : ` no new claims to deallocate, preemption: ${preemption}`;
  return `${start} ${reasons}.${after}`;
}

/** Why preemption does not help, for as many nodes. */
export function preemptionText(misfits: readonly Misfit[]): string {
  return `0/${String(misfits.length)} nodes are available: ${tally(misfits.flatMap((one) => one.reasons))}.`;
}

/** `2 Insufficient cpu, 1 Too many pods`, in alphabetical order. */
function tally(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${String(count)} ${reason}`)
    .sort()
    .join(', ');
}
