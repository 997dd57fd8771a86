import type { AssignEffect, RolloutEffect } from '@meridian/rollout';

/**
 * The effects of several decisions that are written at once, without the assignments that a later one has overtaken: the
 * state that is written in front of them knows only the last of each cluster.
 */
export function latestOnly(effects: readonly RolloutEffect[]): RolloutEffect[] {
  const latest = new Map<string, AssignEffect>();
  for (const effect of effects) if (effect.kind === 'assign') latest.set(effect.cluster, effect);
  return effects.filter((effect) => effect.kind !== 'assign' || latest.get(effect.cluster) === effect);
}
