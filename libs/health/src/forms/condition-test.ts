import type { Condition } from '../read.ts';

/** Whether a condition is the one that is meant. */
export type ConditionTest = (condition: Condition) => boolean;

const form = /^([^=!:]+)(?:(!?=)(True|False|Unknown))?(?::(!?)(.+))?$/;

/**
 * Reads `TYPE`, `TYPE=STATUS`, `TYPE!=STATUS`, each with `:REASON|REASON` or `:!REASON` behind it; the type `*` is any. It
 * throws on other text: tables are written by us, and a test reads them all.
 */
export function conditionTest(text: string): ConditionTest {
  const [, type = '', sign, status, not, reasonText] = form.exec(text) ?? [];
  if (type === '') throw new Error(`"${text}" is no test of a condition`);
  const reasons = reasonText?.split('|');
  return (condition) => {
    if (type !== '*' && condition.type !== type) return false;
    if (status !== undefined && (condition.status === status) !== (sign === '=')) return false;
    return reasons === undefined || reasons.includes(condition.reason) === (not !== '!');
  };
}
