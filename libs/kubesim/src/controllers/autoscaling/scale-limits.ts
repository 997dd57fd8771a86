import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ScaleHistory } from './scale-history.ts';

/** A number of pods that the load asks for, and what bounds it. */
export interface Ask {
  readonly current: number;
  readonly asked: number;
  readonly least: number;
  readonly most: number;
}

/** What may be done of what the load asks for, and what the autoscaler says of it. */
export interface Granted {
  readonly replicas: number;
  /** The condition AbleToScale, were nothing changed. */
  readonly able: JsonObject;
  /** The condition ScalingLimited. */
  readonly limited: JsonObject;
}

/** How long less load has to last before pods are taken away (--horizontal-pod-autoscaler-downscale-stabilization). */
const downWindowSeconds = 300;

/** How far a target without behavior grows in a step: by a factor, or to so many pods. */
const [upFactor, upLeast] = [2, 4];

/**
 * Holds what the load asks for to what was recommended lately, to the pace of the autoscaler's behavior and to its bounds, and
 * notes it for the next time (pkg/controller/podautoscaler normalizeDesiredReplicas).
 */
export function granted(
  ask: Ask,
  { behavior, history, nowMs }: { behavior: JsonObject | undefined; history: ScaleHistory; nowMs: number },
): Granted {
  const rules = behavior === undefined ? undefined : rulesOf(behavior);
  const recent = (seconds: number) => history.recommendedAfter(nowMs - seconds * 1_000);
  const steady =
    rules === undefined ? Math.max(ask.asked, ...recent(downWindowSeconds)) : steadied(ask, rules, recent);
  history.recommend(ask.asked, nowMs);
  const changed = (seconds: number) => history.changedAfter(nowMs - seconds * 1_000);
  const held = { ...ask, asked: steady };
  const limit = rules === undefined ? plainLimit(held) : pacedLimit(held, rules, changed);
  const { replicas, reason, message } = limit;
  const status = replicas === steady ? 'False' : 'True';
  return {
    replicas,
    able: steady === ask.asked ? ready : stabilized(rules !== undefined && ask.asked >= ask.current),
    limited: { type: 'ScalingLimited', status, reason, message },
  };
}

interface Rules {
  readonly up: JsonObject;
  readonly down: JsonObject;
}

function rulesOf(behavior: JsonObject): Rules {
  const [up, down] = [objectAt(behavior, 'scaleUp') ?? {}, objectAt(behavior, 'scaleDown') ?? {}];
  return { up, down };
}

/** The present number, moved no further than what was asked for all through the windows. */
function steadied(
  { current, asked }: Ask,
  { up, down }: Rules,
  recent: (seconds: number) => readonly number[],
): number {
  const window = (rules: JsonObject, unset: number) =>
    recent(numberAt(rules, 'stabilizationWindowSeconds') ?? unset);
  const lowest = Math.min(asked, ...window(up, 0));
  const highest = Math.max(asked, ...window(down, downWindowSeconds));
  return Math.min(Math.max(current, lowest), highest);
}

interface Limit {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

const limits = {
  DesiredWithinRange: 'the desired count is within the acceptable range',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
};

function limit(replicas: number, reason: keyof typeof limits): Limit {
  return { replicas, reason, message: limits[reason] };
}

function plainLimit({ current, asked, least, most }: Ask): Limit {
  if (asked < least) return limit(least, 'TooFewReplicas');
  const pace = Math.max(upFactor * current, upLeast);
  if (asked > Math.min(most, pace)) {
    return most > pace ? limit(pace, 'ScaleUpLimit') : limit(most, 'TooManyReplicas');
  }
  return limit(asked, 'DesiredWithinRange');
}

function pacedLimit({ current, asked, least, most }: Ask, rules: Rules, changed: Changed): Limit {
  if (asked > current) {
    const pace = Math.max(current, paceOf(rules.up, { current, sign: 1 }, changed));
    if (asked > Math.min(most, pace)) {
      return most > pace ? limit(pace, 'ScaleUpLimit') : limit(most, 'TooManyReplicas');
    }
  }
  if (asked < current) {
    const pace = Math.min(current, paceOf(rules.down, { current, sign: -1 }, changed));
    if (asked < Math.max(least, pace)) {
      return least < pace ? limit(pace, 'ScaleDownLimit') : limit(least, 'TooFewReplicas');
    }
  }
  return limit(asked, 'DesiredWithinRange');
}

/** How many pods were added during so many seconds, less those that were taken away. */
type Changed = (seconds: number) => number;

/** How far policies let a target go, from where it was at the start of their periods. */
function paceOf(
  rules: JsonObject,
  { current, sign }: { readonly current: number; readonly sign: 1 | -1 },
  changed: Changed,
): number {
  const select = textAt(rules, 'selectPolicy');
  if (select === 'Disabled') return current;
  const proposals = itemsAt(rules, 'policies').map((policy) => {
    const start = current - changed(numberAt(policy, 'periodSeconds') ?? 0);
    return proposalOf(policy, start, sign);
  });
  const isFurthest = select !== 'Min';
  return isFurthest === (sign === 1) ? Math.max(...proposals) : Math.min(...proposals);
}

function proposalOf(policy: Json, start: number, sign: 1 | -1): number {
  const value = numberAt(policy, 'value') ?? 0;
  if (textAt(policy, 'type') === 'Pods') return start + sign * value;
  const exact = start * (1 + (sign * value) / 100);
  // Rounded so that a small share still adds or takes away a pod.
  return sign === 1 ? Math.ceil(exact) : Math.trunc(exact);
}

const ready = able('ReadyForNewScale', 'recommended size matches current size');

function stabilized(isUp: boolean): JsonObject {
  return isUp
    ? able(
        'ScaleUpStabilized',
        'recent recommendations were lower than current one, applying the lowest recent recommendation',
      )
    : able(
        'ScaleDownStabilized',
        'recent recommendations were higher than current one, applying the highest recent recommendation',
      );
}

/** The condition that says whether an autoscaler can do its work, when it can. */
export function able(reason: string, message: string): JsonObject {
  return { type: 'AbleToScale', status: 'True', reason, message };
}
