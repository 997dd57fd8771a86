import type { RolloutStrategy } from '@meridian/fleet';

/** Whether a strategy asks who wrote what a release brings. */
export function needsAuthors(_strategy: RolloutStrategy): boolean {
  return false;
}
