import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment, celValue, Meter, metered, parseExpression } from '@meridian/cel';
import type { MeteredProgram } from '@meridian/cel';
import type { Health, HealthRule, SchemaIssue } from '@meridian/fleet';
import { judge, judgeBeforeKind } from '@meridian/health';
import type { Verdict } from '@meridian/health';
import type { KubeObject } from '@meridian/manifests';
import { groupOf, maskSecret } from '@meridian/manifests';
import { faultText } from './evaluate.ts';
import { placed } from './expression-error.ts';

/** Steps that each expression may take on an object; the same everywhere. */
const mostSteps = 50_000;
/** Steps that all expressions together may take on an object: it is judged with every change of it. */
const mostStepsInAll = 200_000;
const mostReasonCharacters = 300;

interface Check {
  readonly health: Health;
  readonly message: string;
  readonly test: MeteredProgram;
  readonly tell: MeteredProgram | undefined;
}

interface CompiledRule {
  readonly name: string;
  readonly checks: readonly Check[];
  readonly otherwise: Verdict;
}

type Compiled =
  | { readonly ok: true; readonly rule: CompiledRule }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** What is wrong with the expressions of a rule: they are read and checked by type before anything is judged. */
export function healthRuleIssues(rule: HealthRule): readonly SchemaIssue[] {
  const compiled = compile(rule);
  return compiled.ok ? [] : compiled.issues;
}

/**
 * Judges objects by the rules of a fleet, and what they do not name by our own. Deletion and a generation that is not observed
 * come first, as for every kind. Of several rules for a kind the first counts. A check that cannot be evaluated makes the
 * object Unknown: nobody knows whether it holds. So does a rule that cannot be read, which changes nothing for other kinds.
 */
export class HealthRules {
  readonly #byKind = new Map<string, KindRule>();

  constructor(rules: readonly HealthRule[]) {
    for (const rule of rules) {
      const read = judgeOf(rule);
      const text = JSON.stringify(rule);
      for (const kind of kindsOf(rule))
        if (!this.#byKind.has(kind)) this.#byKind.set(kind, { judge: read, text });
    }
  }

  /** The verdict on a live object; `nowMs` is Unix time. */
  judge(object: KubeObject, nowMs: number): Verdict {
    const rule = this.#byKind.get(`${groupOf(object.apiVersion)}/${object.kind}`);
    return rule ? (judgeBeforeKind(object) ?? rule.judge(object)) : judge(object, nowMs);
  }

  /** What judges a kind, as a text that is another one when the rule is; '' when that is left to our own. */
  textFor({ group, kind }: { readonly group: string; readonly kind: string }): string {
    return this.#byKind.get(`${group}/${kind}`)?.text ?? '';
  }
}

interface KindRule {
  readonly judge: (object: KubeObject) => Verdict;
  readonly text: string;
}

function judgeOf(rule: HealthRule): KindRule['judge'] {
  const compiled = compile(rule);
  if (compiled.ok) return (object) => judgeBy(compiled.rule, object);
  const why = compiled.issues[0]?.message ?? 'nobody knows why';
  const reason = `health rule ${rule.name} cannot be read: ${oneLine(why)}`;
  return () => ({ health: 'Unknown', reason });
}

function judgeBy(rule: CompiledRule, object: KubeObject): Verdict {
  const seen = { object: celValue(maskSecret(object)) };
  const budget: Budget = { left: mostStepsInAll };
  for (const { health, message, test, tell } of rule.checks) {
    const outcome = run(test, seen, budget);
    if (!outcome.ok)
      return {
        health: 'Unknown',
        reason: `health rule ${rule.name} cannot be evaluated: ${outcome.message}`,
      };
    if (outcome.value !== true) continue;
    const told = tell ? run(tell, seen, budget) : undefined;
    const own = told?.ok && typeof told.value === 'string' ? oneLine(told.value) : '';
    return { health, reason: own || message };
  }
  return rule.otherwise;
}

type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** What is left of the steps for an object. */
interface Budget {
  left: number;
}

function run(program: MeteredProgram, seen: Record<string, unknown>, budget: Budget): Outcome {
  const most = Math.min(mostSteps, budget.left);
  const meter = new Meter(most);
  const tooMuch =
    most < mostSteps
      ? `its checks take more than ${mostStepsInAll} steps together`
      : `it takes more than ${mostSteps} steps`;
  try {
    const value = program(seen, meter);
    return meter.isExhausted ? { ok: false, message: tooMuch } : { ok: true, value };
  } catch (error) {
    return { ok: false, message: meter.isExhausted ? tooMuch : oneLine(faultText(error)) };
  } finally {
    budget.left -= meter.taken;
  }
}

function oneLine(text: string): string {
  return text.slice(0, 2_000).replaceAll(/\s+/g, ' ').trim().slice(0, mostReasonCharacters);
}

let base: Environment | undefined;

function environment(): Environment {
  base ??= celEnvironment().registerVariable('object', 'dyn');
  return base;
}

const known = 'there are object and the functions of Kubernetes';

function compile(rule: HealthRule): Compiled {
  const issues: SchemaIssue[] = [];
  const program = (
    path: SchemaIssue['path'],
    expression: string,
    type: 'bool' | 'string',
  ): MeteredProgram => {
    const parsed = parseExpression(environment(), expression);
    if (!parsed.ok) issues.push({ path, ...placed(parsed.message, known) });
    else if (parsed.type !== type)
      issues.push({ path, message: `it comes to ${parsed.type}, not to ${type}` });
    return parsed.ok ? metered(parsed.program) : () => undefined;
  };
  const checks = rule.checks.map((check, index): Check => {
    const path = ['spec', 'checks', index];
    const words = check.messageExpression;
    return {
      health: check.health,
      message: check.message ?? `${check.health} by health rule ${rule.name}`,
      test: program([...path, 'expression'], check.expression, 'bool'),
      tell: words === undefined ? undefined : program([...path, 'messageExpression'], words, 'string'),
    };
  });
  if (issues.length > 0) return { ok: false, issues };
  const { health, message = `no check of health rule ${rule.name} holds` } = rule.otherwise;
  return {
    ok: true,
    rule: { name: rule.name, checks, otherwise: { health, reason: message } },
  };
}

function kindsOf({ resourceRules }: HealthRule): readonly string[] {
  return resourceRules.flatMap(({ apiGroups, kinds }) =>
    apiGroups.flatMap((group) => kinds.map((kind) => `${group}/${kind}`)),
  );
}
