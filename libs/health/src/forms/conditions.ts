import type { Health } from '@meridian/fleet';
import { conditionsOf, generationOf, oneLine } from '../read.ts';
import type { Condition } from '../read.ts';
import type { Rule } from '../rule.ts';
import { conditionTest } from './condition-test.ts';
import type { Verdict } from '../verdict.ts';

/** What a condition means: a test as `conditionTest` reads it, and the health that it gives. */
export type Clause = readonly [test: string, health: Health];

/** Clauses in passes over the conditions, for what one pass in the order of the list cannot say. */
export interface ConditionRule {
  /** Each pass goes through the whole list; the first condition that meets a clause decides. */
  readonly passes: readonly (readonly Clause[])[];
  /** When no clause is met; Progressing unless told. */
  readonly otherwise?: Health;
  /**
   * Which conditions count by their own `observedGeneration`: `notOld` passes over those of another generation, `same` also
   * over those that have none. All count unless told.
   */
  readonly generation?: 'notOld' | 'same';
  /** Where the conditions are, for kinds that keep them elsewhere. */
  readonly of?: (object: unknown) => readonly Condition[];
}

/** A rule of one pass: the first condition of the list that meets a clause decides, else Progressing. */
export function conditions(...clauses: readonly Clause[]): Rule {
  return byConditions({ passes: [clauses] });
}

/** A rule of several passes, see `ConditionRule`. */
export function byConditions(rule: ConditionRule): Rule {
  const passes = rule.passes.map((clauses) =>
    clauses.map(([text, health]) => ({ test: conditionTest(text), health })),
  );
  const { otherwise = 'Progressing', of = conditionsOf } = rule;
  return (object) => {
    const counted = countedOf(of(object), generationOf(object), rule.generation);
    for (const clauses of passes) {
      for (const condition of counted) {
        const met = clauses.find(({ test }) => test(condition));
        if (met) return { health: met.health, reason: stated(condition) };
      }
    }
    return { health: otherwise, reason: unmet(counted) };
  };
}

function countedOf(
  found: readonly Condition[],
  generation: number | undefined,
  mode: ConditionRule['generation'],
): readonly Condition[] {
  if (mode === undefined) return found;
  return found.filter(({ observedGeneration }) => {
    if (mode === 'same') return observedGeneration === generation;
    return observedGeneration === undefined || generation === undefined || observedGeneration === generation;
  });
}

/** What a condition says, with its type and status. */
export function stated({ type, status, reason, message }: Condition): string {
  const more = oneLine(message || reason);
  return `${type} is ${status || 'not told'}${more ? `: ${more}` : ''}`;
}

/** What conditions that decide nothing say together. */
function unmet(counted: readonly Condition[]): string {
  const first = counted.find(({ status }) => status !== 'True') ?? counted[0];
  return first ? `waits; ${stated(first)}` : 'its controller has told no condition yet';
}

/** Ready as most controllers mean it: True is Healthy, False is Degraded, anything else Progressing. */
export const ready: Rule = conditions(['Ready=False', 'Degraded'], ['Ready=True', 'Healthy']);

/** The verdict of a condition, for rules that choose it themselves. */
export function verdictOf(condition: Condition, health: Health): Verdict {
  return { health, reason: stated(condition) };
}
