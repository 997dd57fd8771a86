import type { AssignEffect, ReissueEffect, RolloutEffect } from '@meridian/rollout';

/**
 * The effects of several decisions that are written at once, without the assignments that a later one has overtaken: the
 * state that is written in front of them knows only the last of each cluster. To tell a cluster again what it was to be told in
 * the same moment is to tell it once, at the later generation.
 */
export function latestOnly(effects: readonly RolloutEffect[]): RolloutEffect[] {
  const last = new Map<string, Telling>();
  const said = new Map<string, Telling>();
  for (const effect of effects) {
    if (!isTelling(effect)) continue;
    last.set(effect.cluster, effect);
    said.set(effect.cluster, after(said.get(effect.cluster), effect));
  }
  return effects.flatMap((effect): RolloutEffect[] => {
    if (!isTelling(effect)) return [effect];
    return last.get(effect.cluster) === effect ? [said.get(effect.cluster) ?? effect] : [];
  });
}

type Telling = AssignEffect | ReissueEffect;

function after(before: Telling | undefined, effect: Telling): Telling {
  if (effect.kind === 'assign' || before?.kind !== 'assign') return effect;
  const { generation, allowedDeletions } = effect;
  return { ...before, generation, allowedDeletions };
}

function isTelling(effect: RolloutEffect): effect is Telling {
  return effect.kind === 'assign' || effect.kind === 'reissue';
}
