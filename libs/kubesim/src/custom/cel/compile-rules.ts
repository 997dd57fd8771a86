import { Optional } from '@marcbachmann/cel-js';
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { celEnvironment, evaluationErrorText, looksBack, parseExpression } from '@meridian/cel';
import type { Json } from '../../json.ts';
import type { CustomSchema, ValidationRule } from '../custom-schema.ts';
import { CelTypes } from './cel-types.ts';
import type { CelType } from './cel-types.ts';
import { declaredType, mostRequestBytes } from './cost/declared-type.ts';
import type { DeclaredType } from './cost/declared-type.ts';
import { ruleCost } from './cost/rule-cost.ts';

/** What evaluating a rule came to. */
export type Outcome<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly message: string };

/** A rule that is ready to be evaluated, or why it is not. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Whether it looks at the old value, so that it says something of updates only. */
  readonly looksBack: boolean;
  readonly error: string | undefined;
  readonly messageError: string | undefined;
  /** What it may cost; reckoned when asked, for only definitions are held to it. */
  costs(): RuleCosts;
  /** Whether the value fulfils the rule. */
  holds(value: Json, old: Json | undefined): Outcome<boolean>;
  /** The message that is computed for a value; undefined when the rule has none. */
  tell(value: Json, old: Json | undefined): Outcome<string> | undefined;
}

/** What a rule may cost at most, as the limits of its schema have it. */
export interface RuleCosts {
  readonly rule: bigint;
  readonly message: bigint;
  /** How many values the rule may be held to in one request, when nothing else limits that. */
  readonly mostValues: bigint;
}

const compiled = new WeakMap<CustomSchema, readonly CompiledRule[]>();

/** The rules of a schema, not of what is inside of it. They are compiled once. */
export function compiledRules(schema: CustomSchema, isResource: boolean): readonly CompiledRule[] {
  let found = compiled.get(schema);
  if (found === undefined) {
    found = compileAll(schema, isResource);
    compiled.set(schema, found);
  }
  return found;
}

const noType = 'failed to convert to declType for CEL validation rules';

/** What rules of one schema see; those that can do without an old value see it in another type. */
interface Scope {
  readonly environment: Environment;
  readonly type: CelType;
  readonly sizes: () => DeclaredType | undefined;
}

function compileAll(schema: CustomSchema, isResource: boolean): readonly CompiledRule[] {
  const scopes = new Map<boolean, Scope | undefined>();
  return schema.rules.map((rule) => {
    const { optionalOldSelf } = rule;
    if (!scopes.has(optionalOldSelf)) {
      scopes.set(optionalOldSelf, scopeOf(schema, { isResource, optionalOldSelf }));
    }
    const scope = scopes.get(optionalOldSelf);
    return scope === undefined
      ? broken(rule, `rule compiler initialization error: ${noType}`)
      : compile(rule, scope);
  });
}

function scopeOf(
  schema: CustomSchema,
  { isResource, optionalOldSelf }: { readonly isResource: boolean; readonly optionalOldSelf: boolean },
): Scope | undefined {
  const environment = celEnvironment();
  const type = new CelTypes(environment).of(schema, isResource);
  if (type === undefined) return undefined;
  environment.registerVariable('self', type.name);
  environment.registerVariable('oldSelf', optionalOldSelf ? `optional<${type.name}>` : type.name);
  return { environment, type, sizes: () => declaredType(schema, isResource) };
}

function compile(rule: ValidationRule, { environment, type, sizes }: Scope): CompiledRule {
  const { optionalOldSelf } = rule;
  const test = program(environment, rule.rule, 'compilation failed: ', boolean);
  const words =
    rule.messageExpression === '' || !test.ok
      ? undefined
      : program(environment, rule.messageExpression, 'messageExpression compilation failed: ', text);
  const run = (parsed: ParseResult, value: Json, old: Json | undefined) =>
    evaluated(() => parsed(contextOf(type, { value, old, optionalOldSelf })));
  return {
    rule,
    looksBack: looksBack(rule.rule),
    error: test.ok ? undefined : test.message,
    messageError: words === undefined || words.ok ? undefined : words.message,
    costs: () => costsOf({ test, words }, sizes()),
    holds(value, old) {
      if (!test.ok) return { ok: true, value: false };
      const outcome = run(test.value, value, old);
      return outcome.ok ? { ok: true, value: outcome.value === true } : outcome;
    },
    tell(value, old) {
      if (words?.ok !== true) return undefined;
      const outcome = run(words.value, value, old);
      return outcome.ok ? asMessage(outcome.value) : outcome;
    },
  };
}

function costsOf(
  { test, words }: { readonly test: Outcome<ParseResult>; readonly words: Outcome<ParseResult> | undefined },
  sizes: DeclaredType | undefined,
): RuleCosts {
  if (sizes === undefined) return noCosts;
  const cost = (program: Outcome<ParseResult> | undefined) =>
    program?.ok === true ? ruleCost(program.value.ast, sizes) : 0n;
  const mostValues = BigInt(Math.floor(mostRequestBytes / (sizes.leastBytes + 1)));
  return { rule: cost(test), message: cost(words), mostValues };
}

const noCosts: RuleCosts = { rule: 0n, message: 0n, mostValues: 1n };

const boolean = { name: 'bool', refusal: 'cel expression must evaluate to a bool' };
const text = { name: 'string', refusal: 'messageExpression must evaluate to a string' };

function broken(rule: ValidationRule, error: string): CompiledRule {
  return {
    rule,
    looksBack: false,
    error,
    messageError: undefined,
    costs: () => noCosts,
    holds: () => ({ ok: true, value: false }),
    tell: () => undefined,
  };
}

function program(
  environment: Environment,
  given: string,
  failure: string,
  wanted: typeof boolean,
): Outcome<ParseResult> {
  const parsed = parseExpression(environment, given);
  if (!parsed.ok) return { ok: false, message: `${failure}${parsed.message}` };
  return parsed.type === wanted.name
    ? { ok: true, value: parsed.program }
    : { ok: false, message: wanted.refusal };
}

function contextOf(
  type: { readonly read: (value: Json) => unknown },
  {
    value,
    old,
    optionalOldSelf,
  }: { readonly value: Json; readonly old: Json | undefined; readonly optionalOldSelf: boolean },
): Record<string, unknown> {
  const before = old === undefined || old === null ? undefined : type.read(old);
  return {
    self: type.read(value),
    ...(optionalOldSelf ? { oldSelf: Optional.of(before) } : {}),
    ...(optionalOldSelf || before === undefined ? {} : { oldSelf: before }),
  };
}

function evaluated(run: () => unknown): Outcome<unknown> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, message: evaluationErrorText(error) };
  }
}

const mostMessageBytes = 5 * 1024;

/** Only one line of text will do as a message. */
function asMessage(value: unknown): Outcome<string> {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  const isUsable =
    trimmed !== '' && !trimmed.includes('\n') && Buffer.byteLength(trimmed) <= mostMessageBytes;
  return isUsable ? { ok: true, value: trimmed } : { ok: false, message: 'no usable message' };
}
