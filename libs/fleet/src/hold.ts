/** What a person may hold: every push of the fleet, of a project, of an application, or to a cluster. */
export const holdScopes = ['fleet', 'project', 'application', 'cluster'] as const;

/** One of `holdScopes`. */
export type HoldScope = (typeof holdScopes)[number];

/**
 * A stop of pushes. Beside those of persons, an application that is paused in a cluster holds its pushes there, and so does a
 * cluster whose agent writes nothing (`freeze`), and an application that is to be healthy first (`dependency`).
 */
export interface Hold {
  readonly scope: HoldScope | 'pause' | 'freeze' | 'dependency';
  /** Of what; the cluster of `pause`, `freeze` and `dependency`; empty for the fleet, and for a dependency that holds all clusters. */
  readonly name: string;
  /** Of a dependency: the application that is waited for. */
  readonly author: string;
  readonly reason: string;
  readonly sinceMs: number;
  /** Absent: until it is released. */
  readonly untilMs?: number;
}

/** Longest time that a hold with an end may have. */
export const longestHoldMs = 365 * 86_400_000;

/** Whether a hold holds at a time. */
export function isHeldAt({ untilMs }: Hold, nowMs: number): boolean {
  return untilMs === undefined || nowMs < untilMs;
}
