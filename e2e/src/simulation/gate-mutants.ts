import { one, within } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const people = 'libs/rollout/src/gates/people.ts';
const tryGate = 'libs/rollout/src/gates/try-gate.ts';
const gateOf = 'libs/rollout/src/gates/gate-of.ts';
const measured = 'libs/rollout/src/gates/measured.ts';
const advance = 'libs/rollout/src/advance.ts';
const settle = 'libs/rollout/src/settle.ts';
const checks = 'libs/rollout/src/gates/checks.ts';
const heard = 'libs/rollout/src/gates/heard.ts';
const answer = 'services/agent/src/checks/metric-answer.ts';

/** Defects of gates. */
export const gateMutants: readonly Mutant[] = [
  within(
    'people',
    one('an approval of another release counts', 'libs/rollout/src/verbs.ts', [
      'if (event.release !== state.target.release.digest) {',
      "if (event.release !== state.target.release.digest && event.kind !== 'gateApproved') {",
    ]),
  ),
  within(
    'people',
    one('the approval of an author counts', people, [
      'barredText(event, gate) ?? authorText(moving, event, gate);',
      'barredText(event, gate) ?? authorText(moving, event, { ...gate, excludeAuthor: false });',
    ]),
  ),
  within(
    'people',
    one('one person approves twice by two tokens', people, [
      'return namesOf(event).some((name) => names.has(name));',
      'return names.has(folded(event.author));',
    ]),
  ),
  within(
    'people',
    one('one person approves twice', people, [
      'const others = given.filter((one) => !before.includes(one));',
      'const others = given;',
    ]),
  ),
  within(
    'people',
    one('whoever has no role approves', people, [
      'if (!gate.roles || gate.roles.some((role) => roles.includes(role))) return undefined;',
      'if (!gate.roles || roles.length >= 0) return undefined;',
    ]),
  ),
  within(
    'people',
    one('approvals do not expire', tryGate, [
      'given.filter(({ atMs }) => nowMs - atMs < expiresAfterMs);',
      'given.filter(({ atMs }) => nowMs - atMs < expiresAfterMs * 1e6);',
    ]),
  ),
  one('an approval less is enough', tryGate, [
    'if (valid.length >= gate.required) return',
    'if (valid.length >= gate.required - 1) return',
  ]),
  within(
    'people',
    one('a rejection is heard and does nothing', people, [
      "{ ...progress, phase: 'failed', message, sinceMs: context.nowMs }",
      '{ ...progress, message, sinceMs: context.nowMs }',
    ]),
  ),
  within(
    'people',
    one('a retry takes a failed gate for passed', gateOf, [
      "{ name: gate.name, phase: 'waiting', attempt: gate.attempt + 1, message: '' }",
      "{ ...gate, phase: 'passed', attempt: gate.attempt + 1, message: '' }",
    ]),
  ),
  within(
    'people',
    one('approvals of before a rejection count after a retry', gateOf, [
      "{ name: gate.name, phase: 'waiting', attempt: gate.attempt + 1, message: '' }",
      "{ ...gate, phase: 'waiting', attempt: gate.attempt + 1, message: '' }",
    ]),
  ),
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
  within(
    'numbers',
    one('a number that is missing is good', measured, [
      "if (!result) return { value: undefined, why: 'nothing was measured yet' };",
      "if (!result) return { value: 0, why: '' };",
    ]),
  ),
  within(
    'numbers',
    one('an answer without a number is good', measured, [
      "return { value: undefined, why: shortened(message || 'there is no number') };",
      'return { value: 0, why: shortened(message) };',
    ]),
  ),
  within(
    'numbers',
    one('the numbers of one cluster are enough', measured, [
      'const missing = numbers.filter(({ value }) => value === undefined);',
      'const missing = numbers.some(({ value }) => value !== undefined) ? [] : numbers;',
    ]),
  ),
  within(
    'Jobs',
    one('the Job of one cluster is enough', tryGate, [
      'if (open.length === 0)\n    return',
      'if (open.length < said.length)\n    return',
    ]),
  ),
  within(
    'questions',
    one('no answer passes a gate', tryGate, [
      "const phaseOf = { pass: 'passed', fail: 'failed', wait: 'open' } as const;",
      "const phaseOf = { pass: 'passed', fail: 'failed', wait: 'passed' } as const;",
    ]),
  ),
  within(
    'promotions',
    one('who promotes skips gates', settle, [
      'if (isSoaked && gates.isThrough) return',
      'if (isSoaked && (gates.isThrough || stage.promoted)) return',
    ]),
  ),
  within(
    'other gates',
    one('new gates after a stage that has passed ask nobody', 'libs/rollout/src/plan-rollout.ts', [
      "stage.phase === 'passed' && hasAsked(state, stage.name, asked) };",
      "stage.phase === 'passed' };",
    ]),
  ),
  within(
    'numbers',
    one('an agent takes NaN for zero', answer, [
      "if (text === 'NaN' || text",
      "if (text === 'NaN') return { kind: 'value', value: 0 };\n  if (text",
    ]),
  ),
  within(
    'numbers',
    one('an agent takes no sample for zero', answer, [
      'if (result.length === 0)\n    return',
      "if (result.length === 0) return [9e12, '0'];\n  if (result.length < 0)\n    return",
    ]),
  ),
  within(
    'old numbers',
    one('old numbers count', measured, ['return atMs < oldestMs ?', 'return atMs < 0 ?']),
  ),
  within(
    'bad numbers',
    one('numbers from before a bad one count', tryGate, [
      'const { goodSinceMs: _, badSinceMs: __, ...kept } = before;',
      'const { badSinceMs: __, ...kept } = before;',
    ]),
  ),
  within(
    'rare numbers',
    one('numbers from before a cluster was unwell count', 'libs/rollout/src/gates/stage-gates.ts', [
      '? unmeasured(gate)',
      '? gate',
    ]),
  ),
  within('Jobs', {
    name: 'a Job that failed is as good as one that completed',
    patches: [
      {
        file: tryGate,
        from: "const failed = said.find(({ result }) => result?.phase === 'failed');",
        to: 'const failed = said.find(({ cluster }) => cluster === undefined);',
      },
      {
        file: tryGate,
        from: "result?.phase !== 'succeeded');",
        to: "result?.phase !== 'succeeded' && result?.phase !== 'failed');",
      },
    ],
  }),
  within(
    'Jobs',
    one('Jobs and numbers of a former rollout count', checks, [
      'return `${name}-${number}-${attempt}${mark}`;',
      'return `${name}-${0 * number}-${attempt}`;',
    ]),
  ),
  within(
    'Jobs of ledgers that are put back',
    one('Jobs and numbers of another release count', checks, [
      'return `${name}-${number}-${attempt}${mark}`;',
      'return `${name}-${number}-${attempt}${mark.slice(mark.length)}`;',
    ]),
  ),
  within(
    'Jobs',
    one('Jobs and numbers of a former try count', checks, [
      'return `${name}-${number}-${attempt}${mark}`;',
      'return `${name}-${number}-${0 * attempt}`;',
    ]),
  ),
  within(
    'questions',
    one('an answer to a former rollout counts', heard, [
      'const isMeant = event.rollout === number && event.release === release.digest;',
      'const isMeant = event.rollout <= number || event.release === release.digest;',
    ]),
  ),
  {
    ...one('an answer to a former try counts', heard, [
      "gate.attempt === attempt && gate.phase === 'open'",
      "gate.attempt >= attempt && gate.phase === 'open'",
    ]),
    equivalent:
      'a leader asks one question of a gate at a time, another try begins only with its answer, and what a former leader asked is dropped',
  },
];

const dependencies = 'libs/rollout/src/dependencies.ts';

/** Defects of what applications wait for. */
export const dependencyMutants: readonly Mutant[] = [
  within(
    'dependencies',
    one('nobody waits for what an application depends on', 'services/hub/src/leading/depending.ts', [
      'if (!dependsOn || clusters.length === 0) return [];',
      'if (!dependsOn || clusters.length >= 0) return [];',
    ]),
  ),
  within(
    'dependencies',
    one('any release of what an application depends on is enough', dependencies, [
      'if (placed.bundle === bundle.digest && !state.queued)',
      "if (placed.bundle !== undefined && bundle.digest !== '')",
    ]),
  ),
  within(
    'dependencies',
    one('what the whole fleet has to have is looked up in one cluster', dependencies, [
      "if (one.dependency.scope === 'fleet') return hold('', missingInFleet(one, wanted));",
      '',
    ]),
  ),
  within(
    'dependencies',
    one('what an application depends on need not have completed', dependencies, [
      'return state && isOver(state) ? undefined :',
      'return state ? undefined :',
    ]),
  ),
];
