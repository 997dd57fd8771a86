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
const mostReasonCharacters = 300;

interface Check {
  readonly health: Health;
  readonly message: string;
  readonly test: MeteredProgram;
  readonly tell: MeteredProgram | undefined;
}

interface CompiledRule {
  readonly name: string;
  readonly kinds: ReadonlySet<string>;
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
 * object Unknown: nobody knows whether it holds. The rules must have no issues; it throws otherwise.
 */
export class HealthRules {
  readonly #byKind = new Map<string, CompiledRule>();

  constructor(rules: readonly HealthRule[]) {
    for (const rule of rules) {
      const compiled = compile(rule);
      if (!compiled.ok) throw new Error(`the health rule ${rule.name} cannot be read`);
      for (const kind of compiled.rule.kinds)
        if (!this.#byKind.has(kind)) this.#byKind.set(kind, compiled.rule);
    }
  }

  /** The verdict on a live object; `nowMs` is Unix time. */
  judge(object: KubeObject, nowMs: number): Verdict {
    const rule = this.#byKind.get(`${groupOf(object.apiVersion)}/${object.kind}`);
    return rule ? (judgeBeforeKind(object) ?? judgeBy(rule, object)) : judge(object, nowMs);
  }
}

function judgeBy(rule: CompiledRule, object: KubeObject): Verdict {
  const seen = { object: celValue(maskSecret(object)) };
  for (const { health, message, test, tell } of rule.checks) {
    const outcome = run(test, seen);
    if (!outcome.ok)
      return {
        health: 'Unknown',
        reason: `health rule ${rule.name} cannot be evaluated: ${outcome.message}`,
      };
    if (outcome.value !== true) continue;
    const told = tell ? run(tell, seen) : undefined;
    const own = told?.ok && typeof told.value === 'string' ? oneLine(told.value) : '';
    return { health, reason: own || message };
  }
  return rule.otherwise;
}

type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

function run(program: MeteredProgram, seen: Record<string, unknown>): Outcome {
  const meter = new Meter(mostSteps);
  const tooMuch = { ok: false, message: `it takes more than ${mostSteps} steps` } as const;
  try {
    const value = program(seen, meter);
    return meter.isExhausted ? tooMuch : { ok: true, value };
  } catch (error) {
    return meter.isExhausted ? tooMuch : { ok: false, message: oneLine(faultText(error)) };
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
  const kinds = rule.resourceRules.flatMap(({ apiGroups, kinds }) =>
    apiGroups.flatMap((group) => kinds.map((kind) => `${group}/${kind}`)),
  );
  const { health, message = `no check of health rule ${rule.name} holds` } = rule.otherwise;
  return {
    ok: true,
    rule: { name: rule.name, kinds: new Set(kinds), checks, otherwise: { health, reason: message } },
  };
}
