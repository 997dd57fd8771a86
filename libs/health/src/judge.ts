import type { KubeObject } from '@meridian/manifests';
import { judgeByConditions } from './cluster-kinds.ts';
import { ruleOf } from './kinds/table.ts';
import { judgeBeforeKind, judgeStanding } from './standing.ts';
import type { Verdict } from './verdict.ts';

/**
 * The verdict on one live object with a readable reason. `nowMs` is Unix time, used for grace periods only. A deletion and
 * an observed generation that is not the present one come first, then the rule of the kind. Kinds without a rule are read as
 * kstatus reads them: Reconciling, Stalled, Ready.
 */
export function judge(object: KubeObject, nowMs: number): Verdict {
  const early = judgeBeforeKind(object);
  if (early) return early;
  const rule = ruleOf(object);
  return rule ? rule(object, nowMs) : (judgeStanding(object) ?? judgeByConditions(object));
}
