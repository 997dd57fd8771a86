import type { LimitsReport } from '@meridian/fleet';
import { wireNumber } from './field-checks.ts';
import type { FieldChecks } from './field-checks.ts';
import type * as wire from './gen/meridian/v1/link.ts';
import { wireLimits } from './limits.ts';
import { plainText } from './plain-text.ts';

/** The limits of a cluster for the wire; rules beyond the most that are told are left out. */
export function limitsToWire({ stopped, rules, problem = '', freeze }: LimitsReport): wire.LocalLimits {
  return {
    stopped,
    rules: rules.slice(0, wireLimits.rules).map((rule) => plainText(rule, wireLimits.messageChars)),
    problem: plainText(problem, wireLimits.messageChars),
    freeze: freeze && {
      author: plainText(freeze.author, wireLimits.reasonChars),
      reason: plainText(freeze.reason, wireLimits.messageChars),
      untilMs: wireNumber(freeze.untilMs ?? 0),
    },
  };
}

/** Reads the limits of a cluster within a larger message. */
export function readLimits(checks: FieldChecks, at: string, message: wire.LocalLimits): LimitsReport {
  const { stopped, freeze } = message;
  const problem = checks.text(message.problem, wireLimits.messageChars);
  return {
    stopped,
    rules: checks.list(`${at}rules`, message.rules, wireLimits.rules, (rule) =>
      checks.text(rule, wireLimits.messageChars),
    ),
    ...(problem === '' ? {} : { problem }),
    ...(freeze ? { freeze: readFreeze(checks, `${at}freeze.`, freeze) } : {}),
  };
}

function readFreeze(
  checks: FieldChecks,
  at: string,
  message: wire.Freeze,
): NonNullable<LimitsReport['freeze']> {
  const untilMs = checks.number(`${at}untilMs`, message.untilMs);
  return {
    author: checks.text(message.author, wireLimits.reasonChars),
    reason: checks.text(message.reason, wireLimits.messageChars),
    ...(untilMs === 0 ? {} : { untilMs }),
  };
}
