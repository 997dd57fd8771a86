import { EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import { CelFault, evaluationErrorText, LazyVariables, Meter } from '@meridian/cel';
import type { MeteredProgram } from '@meridian/cel';
import type { CompiledPolicy, CompiledValidation } from './compile-policy.ts';

/** What expressions see, by name. */
export type Seen = Readonly<Record<string, unknown>>;

/** Something that a policy has against what it saw. */
export interface Violation {
  readonly message: string;
  readonly fieldPath?: string;
}

/** What a policy found, and the steps that took. The same each time, wherever it is looked for. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly steps: number;
}

const mostMessageCharacters = 1_024;

/** Steps that each expression may take, variables that it is the first to ask for included, and all of them together. */
export interface StepLimits {
  readonly expression: number;
  readonly together: number;
}

/** Told once where steps run out that something else has to share. */
export const outOfSteps = 'all policies together take too many steps for this application';

/** What a policy has against what it sees. What cannot be evaluated is a violation: nobody knows whether it holds. */
export function verdictOf(compiled: CompiledPolicy, place: Seen, limits: StepLimits): Verdict {
  const run = new Evaluation(compiled, place, limits);
  const violations: Violation[] = [];
  if (run.isAbout())
    for (const each of compiled.validations) {
      violations.push(...run.violations(each));
      if (run.isOut) break;
    }
  const told = run.isOut ? [{ message: outOfSteps }] : [];
  return { violations: [...run.faults, ...violations, ...told], steps: run.steps };
}

class Evaluation {
  readonly faults: Violation[] = [];
  steps = 0;
  readonly #compiled: CompiledPolicy;
  readonly #seen: Record<string, unknown>;
  readonly #limits: StepLimits;
  #meter: Meter;

  constructor(compiled: CompiledPolicy, place: Seen, limits: StepLimits) {
    this.#compiled = compiled;
    this.#limits = limits;
    this.#meter = new Meter(0);
    const variables = new LazyVariables((name) => this.#variable(name));
    this.#seen = { ...place, variables };
  }

  /** Whether the steps have run out that all expressions have together: what the last one came to does not count. */
  get isOut(): boolean {
    return this.steps > this.#limits.together;
  }

  /** Whether all conditions hold; one that cannot be evaluated is a fault. */
  isAbout(): boolean {
    for (const { name, run } of this.#compiled.conditions) {
      const outcome = this.#run(run);
      if (this.isOut) return false;
      if (!outcome.ok) {
        this.faults.push({ message: `its condition ${name} cannot be evaluated: ${outcome.message}` });
        return false;
      }
      if (outcome.value !== true) return false;
    }
    return true;
  }

  violations({ test, tell, expression, message, fieldPath }: CompiledValidation): Violation[] {
    const outcome = this.#run(test);
    if ((outcome.ok && outcome.value === true) || this.isOut) return [];
    const field = fieldPath === undefined ? {} : { fieldPath };
    if (!outcome.ok)
      return [{ message: `${oneLine(expression)} cannot be evaluated: ${outcome.message}`, ...field }];
    const told = tell ? this.#told(tell) : undefined;
    return [{ message: told ?? message ?? `failed expression: ${oneLine(expression)}`, ...field }];
  }

  #told(tell: MeteredProgram): string | undefined {
    const outcome = this.#run(tell);
    const text = outcome.ok && typeof outcome.value === 'string' ? outcome.value.trim() : '';
    return text === '' ? undefined : oneLine(text);
  }

  #variable(name: string): unknown {
    return this.#compiled.variables.get(name)?.(this.#seen, this.#meter);
  }

  #run(program: MeteredProgram): { ok: true; value: unknown } | { ok: false; message: string } {
    const { expression, together } = this.#limits;
    const tooMuch = `it takes more than ${expression} steps`;
    this.#meter = new Meter(Math.min(expression, together - this.steps));
    try {
      const value = program(this.#seen, this.#meter);
      return this.#meter.isExhausted ? { ok: false, message: tooMuch } : { ok: true, value };
    } catch (error) {
      return { ok: false, message: this.#meter.isExhausted ? tooMuch : faultText(error) };
    } finally {
      this.steps += this.#meter.taken;
    }
  }
}

/** Whatever is thrown: an expression that brings a function to fail in an unforeseen way must end nothing but itself. */
export function faultText(error: unknown): string {
  if (error instanceof ParseError || error instanceof CelTypeError) return error.summary;
  if (error instanceof CelFault || error instanceof EvaluationError) return evaluationErrorText(error);
  return error instanceof Error ? error.message : String(error);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > mostMessageCharacters ? `${line.slice(0, mostMessageCharacters)}…` : line;
}
