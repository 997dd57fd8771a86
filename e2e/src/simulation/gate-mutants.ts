import { one } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const people = 'libs/rollout/src/gates/people.ts';
const tryGate = 'libs/rollout/src/gates/try-gate.ts';
const gateOf = 'libs/rollout/src/gates/gate-of.ts';
const measured = 'libs/rollout/src/gates/measured.ts';
const advance = 'libs/rollout/src/advance.ts';
const settle = 'libs/rollout/src/settle.ts';

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
  one('one person approves twice by two tokens', people, [
    'return namesOf(event).some((name) => names.has(name));',
    'return names.has(folded(event.author));',
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
  one('one of several gates is enough', gateOf, [
    "return (stage[side] ?? []).every(({ phase }) => phase === 'passed');",
    "return !stage[side] || stage[side].some(({ phase }) => phase === 'passed');",
  ]),
  one('no gate after a stage holds the next one back', settle, [
    'if (isSoaked && gates.isThrough) return',
    'if (isSoaked) return',
  ]),
  one('a new leader takes open gates for passed', 'services/hub/src/leading/ledger-book.ts', [
    'return { state: decoded.state, traceparent',
    "const open = decoded.state; const through = (gates: NonNullable<(typeof open)['stages'][number]['before']> = []) => gates.map((gate) => (gate.phase === 'open' ? { ...gate, phase: 'passed' as const } : gate));\n  return { state: { ...open, stages: open.stages.map((stage) => ({ ...stage, ...(stage.before ? { before: through(stage.before) } : {}), ...(stage.after ? { after: through(stage.after) } : {}) })) }, traceparent",
  ]),
  one('a new leader forgets gates', 'services/hub/src/leading/ledger-book.ts', [
    'return { state: decoded.state, traceparent',
    'const gated = decoded.state;\n  return { state: { ...gated, stages: gated.stages.map(({ before: _, after: __, ...stage }) => stage) }, traceparent',
  ]),
  one('a number that is missing is good', measured, [
    "if (!result) return { value: undefined, why: 'nothing was measured yet' };",
    "if (!result) return { value: 0, why: '' };",
  ]),
  one('an answer without a number is good', measured, [
    "return { value: undefined, why: shortened(message || 'there is no number') };",
    'return { value: 0, why: shortened(message) };',
  ]),
  one('the numbers of one cluster are enough', measured, [
    'const missing = numbers.filter(({ value }) => value === undefined);',
    'const missing = numbers.some(({ value }) => value !== undefined) ? [] : numbers;',
  ]),
  one('the Job of one cluster is enough', tryGate, [
    'if (open.length === 0)\n    return',
    'if (open.length < said.length)\n    return',
  ]),
  one('no answer passes a gate', tryGate, [
    "const phaseOf = { pass: 'passed', fail: 'failed', wait: 'open' } as const;",
    "const phaseOf = { pass: 'passed', fail: 'failed', wait: 'passed' } as const;",
  ]),
];

const dependencies = 'libs/rollout/src/dependencies.ts';

/** Defects of what applications wait for. */
export const dependencyMutants: readonly Mutant[] = [
  one('nobody waits for what an application depends on', 'services/hub/src/leading/depending.ts', [
    'if (!dependsOn || clusters.length === 0) return [];',
    'if (!dependsOn || clusters.length >= 0) return [];',
  ]),
  one('any release of what an application depends on is enough', dependencies, [
    'if (placed.bundle === bundle.digest && !state.queued)',
    "if (placed.bundle !== undefined && bundle.digest !== '')",
  ]),
  one('what the whole fleet has to have is looked up in one cluster', dependencies, [
    "if (one.dependency.scope === 'fleet') return hold('', missingInFleet(one, wanted));",
    '',
  ]),
];
