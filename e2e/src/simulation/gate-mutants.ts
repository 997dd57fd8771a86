import { one } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const people = 'libs/rollout/src/gates/people.ts';
const tryGate = 'libs/rollout/src/gates/try-gate.ts';
const gateOf = 'libs/rollout/src/gates/gate-of.ts';
const advance = 'libs/rollout/src/advance.ts';

/** Defects of gates. */
export const gateMutants: readonly Mutant[] = [
  one('an approval of another release counts', 'libs/rollout/src/verbs.ts', [
    'if (event.release !== state.target.release.digest) {',
    "if (event.release !== state.target.release.digest && event.kind !== 'gateApproved') {",
  ]),
  one('the approval of an author counts', people, [
    'barredText(event, gate) ?? authorText(moving, event, gate);',
    'barredText(event, gate) ?? authorText(moving, event, { ...gate, excludeAuthor: false });',
  ]),
  one('one person approves twice', people, [
    'if (given.some((one) => isSamePerson(one, event)))',
    'if (given.some((one) => isSamePerson(one, event) && one.atMs > context.nowMs))',
  ]),
  one('whoever has no role approves', people, [
    'if (!gate.roles || gate.roles.some((role) => roles.includes(role))) return undefined;',
    'if (!gate.roles || roles.length >= 0) return undefined;',
  ]),
  one('approvals do not expire', tryGate, [
    'given.filter(({ atMs }) => nowMs - atMs < expiresAfterMs);',
    'given.filter(({ atMs }) => nowMs - atMs < expiresAfterMs * 1e6);',
  ]),
  one('an approval less is enough', tryGate, [
    'if (valid.length >= gate.required) return',
    'if (valid.length >= gate.required - 1) return',
  ]),
  one('a rejection is heard and does nothing', people, [
    "{ ...progress, phase: 'failed', message, sinceMs: context.nowMs }",
    '{ ...progress, message, sinceMs: context.nowMs }',
  ]),
  one('a retry takes a failed gate for passed', gateOf, [
    "{ name: gate.name, phase: 'waiting', attempt: gate.attempt + 1, message: '' }",
    "{ ...gate, phase: 'passed', attempt: gate.attempt + 1, message: '' }",
  ]),
  one('approvals of before a rejection count after a retry', gateOf, [
    "{ name: gate.name, phase: 'waiting', attempt: gate.attempt + 1, message: '' }",
    "{ ...gate, phase: 'waiting', attempt: gate.attempt + 1, message: '' }",
  ]),
  one('no gate before a stage holds it back', advance, [
    "if (stage.phase !== 'waiting' || isThrough(stage, 'before')) return undefined;",
    "if (stage.phase !== 'passed' || isThrough(stage, 'before')) return undefined;",
  ]),
];
