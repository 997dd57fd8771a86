import type { Held } from './held.ts';

/** What people must know of the assignment itself, beside what is wrong with its objects. */
export function heldNotes({ assignment: { expiresAtMs } }: Held, nowMs: number): readonly string[] {
  if (nowMs <= expiresAtMs) return [];
  return [
    `the assignment expired at ${new Date(expiresAtMs).toISOString()} and was not renewed; what it says is kept`,
  ];
}
