import { everyNode, metered, parseExpression } from '@meridian/cel';
import type { MeteredProgram } from '@meridian/cel';
import type { NamedExpression, Policy, PolicyValidation, SchemaIssue } from '@meridian/fleet';
import { placed } from './expression-error.ts';
import { placeNames, policyEnvironment } from './policy-environment.ts';

/** An expression with a name, ready to be run. */
interface NamedProgram {
  readonly name: string;
  readonly run: MeteredProgram;
}

/** What a policy demands, ready to be looked at. */
export interface CompiledValidation extends PolicyValidation {
  readonly test: MeteredProgram;
  readonly tell: MeteredProgram | undefined;
}

/** A policy whose expressions have been read. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /** Whether it looks at the cluster or the application, so that the same object may be right in one place and wrong in another. */
  readonly seesPlace: boolean;
  readonly conditions: readonly NamedProgram[];
  readonly variables: ReadonlyMap<string, MeteredProgram>;
  readonly validations: readonly CompiledValidation[];
}

/** A policy that is ready, or what is wrong with its expressions and where. */
type Compiled =
  | { readonly ok: true; readonly compiled: CompiledPolicy }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** Reads the expressions of a policy and checks them by type. */
export function compilePolicy(policy: Policy): Compiled {
  const reading = new Reading(policy);
  const variables = policy.variables.map((variable, index) => reading.variable(variable, index));
  const conditions = policy.conditions.map(({ name, expression }, index) => ({
    name,
    run: reading.program(['spec', 'matchConditions', index, 'expression'], expression, 'bool'),
  }));
  const validations = policy.validations.map((validation, index) => reading.validation(validation, index));
  reading.refuseConditions();
  const { issues, seesPlace } = reading;
  if (issues.length > 0) return { ok: false, issues };
  const compiled = { policy, seesPlace, conditions, variables: new Map(variables), validations };
  return { ok: true, compiled };
}

type Path = readonly (string | number)[];

class Reading {
  readonly issues: SchemaIssue[] = [];
  seesPlace = false;
  readonly #policy: Policy;
  readonly #types = new Map<string, string>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  variable({ name, expression }: NamedExpression, index: number): readonly [string, MeteredProgram] {
    if (this.#types.has(name))
      this.#refuse(['spec', 'variables', index, 'name'], `two variables are named ${name}`);
    const read = this.#read(['spec', 'variables', index, 'expression'], expression);
    // One that cannot be read may be of any type, so that only its own mistake is told.
    this.#types.set(name, read?.type ?? 'dyn');
    return [name, read?.run ?? nothing];
  }

  validation(validation: PolicyValidation, index: number): CompiledValidation {
    const path = ['spec', 'validations', index];
    const { expression, messageExpression: words } = validation;
    return {
      ...validation,
      test: this.program([...path, 'expression'], expression, 'bool'),
      tell: words === undefined ? undefined : this.program([...path, 'messageExpression'], words, 'string'),
    };
  }

  /** Conditions choose objects, and there is no single one when all are seen at once. */
  refuseConditions(): void {
    if (this.#policy.scope === 'bundle' && this.#policy.conditions.length > 0)
      this.#refuse(
        ['spec', 'matchConditions'],
        'conditions choose single objects, and scope bundle sees all at once',
        'filter them in the expression: objects.filter(object, …)',
      );
  }

  /** An expression that must come to a type. */
  program(path: Path, expression: string, type: 'bool' | 'string'): MeteredProgram {
    const read = this.#read(path, expression);
    if (read && read.type !== type) this.#refuse(path, `it comes to ${read.type}, not to ${type}`);
    return read?.run ?? nothing;
  }

  #read(path: Path, expression: string): { readonly run: MeteredProgram; readonly type: string } | undefined {
    const parsed = parseExpression(policyEnvironment(this.#policy.scope, this.#types), expression);
    if (!parsed.ok) {
      const { message, fix } = placed(parsed.message, known);
      this.#refuse(path, message, fix);
      return undefined;
    }
    const { program, type } = parsed;
    for (const node of everyNode(program.ast))
      if (node.op === 'id' && placeNames.has(node.args)) this.seesPlace = true;
    return { run: metered(program), type };
  }

  #refuse(path: Path, message: string, fix?: string): void {
    this.issues.push({ path, message, ...(fix === undefined ? {} : { fix }) });
  }
}

const nothing: MeteredProgram = () => undefined;

const known =
  'there are object (objects with scope bundle), params, variables declared before, cluster, application, ' +
  'podSpecs(object), containers(object) and the functions of Kubernetes';
