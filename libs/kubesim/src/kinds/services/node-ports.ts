import { internalServerError } from '../../errors/api-error.ts';
import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { RuleContext } from '../kind-rules.ts';
import { numberIn } from '../validation/go-fields.ts';
import { mayHaveNodePorts, needsHealthPort, nodePortsOf, portsOf, wantsNodePorts } from './spec.ts';

const first = 30_000;
const last = 32_767;
/** Ports that are given only to those who ask for them, so that nobody finds their choice taken by chance. */
const forChoice = 86;

/** The node ports of a cluster while one service takes some. */
class PortPool {
  readonly #taken: Set<number>;
  readonly #context: RuleContext;
  readonly #own: number[] = [];

  constructor(context: RuleContext) {
    const specs = context.lookupAll('services').map((service) => objectAt(service, 'spec'));
    this.#taken = new Set(specs.flatMap(portsIn));
    this.#context = context;
  }

  /** Takes a port. @returns why it cannot be had. */
  take(port: number): string | undefined {
    if (port < first || port > last) {
      // What is only tried is not held against the range.
      if (this.#context.dryRun) return this.#keep(port);
      return `provided port is not in the valid range. The range of valid ports is ${String(first)}-${String(last)}`;
    }
    if (this.#taken.has(port)) return 'provided port is already allocated';
    return this.#keep(port);
  }

  /** Takes any port. Throws ApiError when none is left. */
  takeAny(): number {
    const port = this.#context.dryRun ? this.#supposed() : this.#free();
    this.#keep(port);
    return port;
  }

  #keep(port: number): undefined {
    this.#taken.add(port);
    this.#own.push(port);
  }

  #supposed(): number {
    return this.#own.length === 0 ? last : Math.max(...this.#own) + 1;
  }

  #free(): number {
    const most = last - first + 1;
    const dynamic = most - forChoice;
    const offset = Math.floor(this.#context.random() * dynamic);
    for (let step = 0; step < most; step += 1) {
      const port = step < dynamic ? first + forChoice + ((offset + step) % dynamic) : first + step - dynamic;
      if (!this.#taken.has(port)) return port;
    }
    throw internalServerError('failed to allocate a nodePort: range is full');
  }
}

function portsIn(spec: JsonObject | undefined): readonly number[] {
  const health = numberIn(spec, 'healthCheckNodePort');
  return health === 0 ? nodePortsOf(spec) : [...nodePortsOf(spec), health];
}

/** Gives the ports of a service their node ports, and the service its port for health checks. @returns what cannot be. */
export function takeNodePorts(
  spec: JsonObject,
  old: JsonObject | undefined,
  context: RuleContext,
): FieldError[] {
  const pool = new PortPool(context);
  const errors = mayHaveNodePorts(spec)
    ? old === undefined
      ? firstPorts(spec, pool)
      : changedPorts(spec, nodePortsOf(old), pool)
    : [];
  if (errors.length > 0) return errors;
  if (needsHealthPort(spec) && (old === undefined || !needsHealthPort(old))) takeHealthPort(spec, pool);
  return [];
}

/** Ports of one number, such as those of two protocols, share a node port. */
function firstPorts(spec: JsonObject, pool: PortPool): FieldError[] {
  const shared = new Map<number, number>();
  for (const [index, port] of portsOf(spec).entries()) {
    const number = numberIn(port, 'port');
    const given = numberIn(port, 'nodePort');
    if (given === 0 && !wantsNodePorts(spec)) continue;
    const known = shared.get(number) ?? 0;
    const wanted = known === 0 ? askedFor(spec, number) : given;
    const taken = known !== 0 && [0, known].includes(given) ? known : takeOne(pool, wanted);
    if (typeof taken === 'string') return [invalid(pathOf(index), wanted, taken)];
    port['nodePort'] = taken;
    if (known === 0) shared.set(number, taken);
  }
  return [];
}

/** @returns the port, or why it cannot be had. */
function takeOne(pool: PortPool, wanted: number): number | string {
  return wanted === 0 ? pool.takeAny() : (pool.take(wanted) ?? wanted);
}

function askedFor(spec: JsonObject, number: number): number {
  const asking = portsOf(spec).find(
    (port) => numberIn(port, 'port') === number && numberIn(port, 'nodePort') !== 0,
  );
  return numberIn(asking, 'nodePort');
}

function changedPorts(spec: JsonObject, before: readonly number[], pool: PortPool): FieldError[] {
  const own = new Set(before);
  for (const [index, port] of portsOf(spec).entries()) {
    const given = numberIn(port, 'nodePort');
    if (own.has(given) || (given === 0 && !wantsNodePorts(spec))) continue;
    const taken = takeOne(pool, given);
    if (typeof taken === 'string') return [invalid(pathOf(index), given, taken)];
    port['nodePort'] = taken;
    own.add(taken);
  }
  return [];
}

function takeHealthPort(spec: JsonObject, pool: PortPool): void {
  const given = numberIn(spec, 'healthCheckNodePort');
  if (given === 0) {
    spec['healthCheckNodePort'] = pool.takeAny();
    return;
  }
  const why = pool.take(given);
  if (why === undefined) return;
  throw internalServerError(`failed to allocate requested HealthCheck NodePort ${String(given)}: ${why}`);
}

function pathOf(index: number): string {
  return `spec.ports[${String(index)}].nodePort`;
}
