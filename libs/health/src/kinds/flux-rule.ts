import { at, conditionsOf, textAt } from '../read.ts';
import type { Condition } from '../read.ts';
import { stated } from '../forms/conditions.ts';
import type { Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';

/** How the kinds of Flux differ from each other. */
export interface FluxRule {
  /** Conditions that are True when all is well; Ready unless told. */
  readonly done?: readonly string[];
  /** How many of `done` it takes; all of them unless told. */
  readonly needed?: number;
  /** The status of Ready that, together with Reconciling, means that it is being worked on; Unknown unless told. */
  readonly waiting?: 'Unknown' | 'False' | 'never';
  /** Reasons of Reconciling that count as work; all unless told. */
  readonly reconciling?: readonly string[];
  /** Kinds that cannot be suspended. */
  readonly neverSuspended?: true;
  /** HelmRepository: one of type `oci` has no status. */
  readonly isOci?: true;
}

/**
 * The rule of Flux's kinds, as Argo CD counts their conditions: work is going on when Ready waits and Reconciling is True,
 * all is well when those of `done` are True, anything else is Degraded.
 */
export function fluxRule(rule: FluxRule): Rule {
  const done = rule.done ?? ['Ready'];
  const needed = rule.needed ?? done.length;
  return (object) => {
    if (rule.neverSuspended !== true && at(object, 'spec', 'suspend') === true)
      return suspended('spec.suspend is true');
    if (rule.isOci === true && textAt(object, 'spec', 'type') === 'oci')
      return healthy('an OCI repository has no status');
    if (at(object, 'status', 'conditions') === undefined)
      return progressing('its controller has told no condition yet');
    const found = conditionsOf(object);
    const reason = reasonOf(found);
    if (found.filter((condition) => isWork(condition, rule)).length === 2) return progressing(reason);
    const fine = found.filter(({ type, status }) => status === 'True' && done.includes(type));
    return fine.length === needed ? healthy(reason) : degraded(reason);
  };
}

function isWork(condition: Condition, { waiting = 'Unknown', reconciling }: FluxRule): boolean {
  if (condition.type === 'Ready') return condition.status === waiting;
  if (condition.type !== 'Reconciling' || condition.status !== 'True' || waiting === 'never') return false;
  return reconciling === undefined || reconciling.includes(condition.reason);
}

function reasonOf(found: readonly Condition[]): string {
  const said = found.find(({ type }) => type === 'Ready') ?? found[0];
  return said ? stated(said) : 'its controller has told no condition yet';
}
