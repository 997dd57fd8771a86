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

/**
 * What a policy has against what it sees, with the steps that each expression may take, variables that it is the first to ask
 * for included. What cannot be evaluated is a violation: nobody knows whether it holds.
 */
export function verdictOf(compiled: CompiledPolicy, place: Seen, mostSteps: number): Verdict {
  const run = new Evaluation(compiled, place, mostSteps);
  const violations = run.isAbout() ? compiled.validations.flatMap((each) => run.violations(each)) : [];
  return { violations: [...run.faults, ...violations], steps: run.steps };
}

class Evaluation {
  readonly faults: Violation[] = [];
  steps = 0;
  readonly #compiled: CompiledPolicy;
  readonly #seen: Record<string, unknown>;
  readonly #mostSteps: number;
  #meter: Meter;

  constructor(compiled: CompiledPolicy, place: Seen, mostSteps: number) {
    this.#compiled = compiled;
    this.#mostSteps = mostSteps;
    this.#meter = new Meter(mostSteps);
    const variables = new LazyVariables((name) => this.#variable(name));
    this.#seen = { ...place, variables };
  }

  /** Whether all conditions hold; one that cannot be evaluated is a fault. */
  isAbout(): boolean {
    for (const { name, run } of this.#compiled.conditions) {
      const outcome = this.#run(run);
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
    if (outcome.ok && outcome.value === true) return [];
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
    const tooMuch = `it takes more than ${this.#mostSteps} steps`;
    this.#meter = new Meter(this.#mostSteps);
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
function faultText(error: unknown): string {
  if (error instanceof ParseError || error instanceof CelTypeError) return error.summary;
  if (error instanceof CelFault || error instanceof EvaluationError) return evaluationErrorText(error);
  return error instanceof Error ? error.message : String(error);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > mostMessageCharacters ? `${line.slice(0, mostMessageCharacters)}…` : line;
}
