import type { AssignEffect, ReissueEffect, RolloutEffect } from '@meridian/rollout';

/**
 * The effects of several decisions that are written at once, without the assignments that a later one has overtaken: the
 * state that is written in front of them knows only the last of each cluster.
 */
export function latestOnly(effects: readonly RolloutEffect[]): RolloutEffect[] {
  const latest = new Map<string, RolloutEffect>();
  for (const effect of effects) if (isTelling(effect)) latest.set(effect.cluster, effect);
  return effects.filter((effect) => !isTelling(effect) || latest.get(effect.cluster) === effect);
}

function isTelling(effect: RolloutEffect): effect is AssignEffect | ReissueEffect {
  return effect.kind === 'assign' || effect.kind === 'reissue';
}
