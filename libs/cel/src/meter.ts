import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import { CelFault } from './functions/cel-fault.ts';
import { writtenName } from './functions/own-names.ts';
import { matchesName } from './functions/string-functions.ts';
import { childrenOf } from './tree.ts';

/** How much expressions may do: about one step for each node that is evaluated, and more for long texts and lists. */
export class Meter {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Steps that were taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether more steps were asked for than there are. What an expression came to does not count then. */
  get isExhausted(): boolean {
    return this.#taken > this.#most;
  }

  /** Steps that are left. */
  get left(): number {
    return Math.max(0, this.#most - this.#taken);
  }

  /** Takes steps. Throws CelFault when there are not so many left, and each further time. */
  take(steps: number): void {
    this.#taken += steps;
    if (this.#taken > this.#most) throw exhausted;
  }
}

/** One for all: a list of thousands of items goes on to be walked through, since `exists` forgives errors of its items. */
const exhausted = new CelFault('the expression takes too many steps');

/** Runs an expression; what it does is taken from the meter. */
export type MeteredProgram = (seen: Record<string, unknown>, meter: Meter) => unknown;

/**
 * An expression whose steps are counted. They are the same on every machine, so that what takes too long is ended everywhere at
 * the same place. The program must not be run otherwise from then on.
 */
export function metered(program: ParseResult): MeteredProgram {
  const run: Run = { meter: undefined };
  meterTree(program.ast, run, undefined);
  return (seen, meter) => {
    run.meter = meter;
    const value: unknown = program(seen);
    return value;
  };
}

interface Run {
  meter: Meter | undefined;
}

/** A call whose cost is a product: of the sizes of what it is given, before it is made. */
interface HeavyCall {
  /** 2 when each item is compared with each other one. */
  readonly power: 1 | 2;
  /** Which part of the product makes steps. */
  readonly share: number;
  product: number;
}

/** What goes through the values that it is given, whole or only where they are lists, or makes as many as a number says. */
type Walk = 'values' | 'lists' | 'number';

/** What a node is given to costs more the larger it is. */
type Around = HeavyCall | Walk;

/** Characters are worked through faster than nodes are, and so are values that are only compared. */
const charactersPerStep = 16;
const valuesPerStep = 8;

const patterns: ReadonlySet<string> = new Set([matchesName, 'find', 'findAll']);
const products: ReadonlySet<string> = new Set([
  ...['replace', 'indexOf', 'lastIndexOf', 'contains', 'equivalent', 'intersects', 'join'],
  // The characters of a text, in Unicode, are counted one by one, or read one by one.
  ...['size', 'isURL', 'url', 'substring', 'charAt', 'split', 'isIP', 'ip', 'isCIDR', 'cidr', 'validate'],
]);

/** Comparisons go through lists, maps and long texts to their end. */
const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/**
 * Functions of lists that give one value, or far more than they are given: that must be counted before it is there. What others
 * make is counted when it is there.
 */
const walks: ReadonlyMap<string, Walk> = new Map<string, Walk>([
  ...['isSorted', 'min', 'max', 'sum', 'flatten', 'format'].map((name) => [name, 'lists'] as const),
  ['range', 'number'],
]);

function meterTree(node: ASTNode, run: Run, around: Around | undefined): void {
  const call = heavyCallOf(node);
  meterNode(node, { run, call, around });
  for (const child of childrenOf(node)) meterTree(child, run, call ?? walkOf(node));
}

function walkOf(node: ASTNode): Walk | undefined {
  if (comparisons.has(node.op)) return 'values';
  if (node.op === 'in') return 'lists';
  return node.op === 'rcall' ? walks.get(writtenName(node.args[0])) : undefined;
}

function heavyCallOf(node: ASTNode): HeavyCall | undefined {
  if (node.op !== 'call' && node.op !== 'rcall') return undefined;
  const name = writtenName(node.args[0]);
  if (name === 'distinct') return { power: 2, share: 1 / charactersPerStep, product: 1 };
  if (patterns.has(name)) return { power: 1, share: 1, product: 1 };
  return products.has(name) ? { power: 1, share: 1 / charactersPerStep, product: 1 } : undefined;
}

type Evaluate = (this: unknown, runner: unknown, node: unknown, scope: unknown) => unknown;

interface Metering {
  readonly run: Run;
  /** The node, when it is a heavy call itself. */
  readonly call: HeavyCall | undefined;
  /** What the node is given to, when its size counts there. */
  readonly around: Around | undefined;
}

function meterNode(node: ASTNode, { run, call, around }: Metering): void {
  let evaluate = evaluateOf(node);
  let isChosen = false;
  const isMade = node.op !== 'id' && node.op !== '.' && node.op !== '[]' && node.op !== 'value';
  const counted: Evaluate = (runner, self, scope) => {
    const { meter } = run;
    meter?.take(1);
    if (call) call.product = 1;
    const value = isChosen ? evaluate.call(node, runner, self, scope) : firstTime(runner, self, scope);
    if (isMade) meter?.take(madeSteps(value));
    if (around && meter) takeFor(value, around, meter);
    return value;
  };
  const firstTime = (runner: unknown, self: unknown, scope: unknown): unknown => {
    try {
      return evaluate.call(node, runner, self, scope);
    } finally {
      // The library has put at the node what it chose to evaluate it by.
      const chosen = evaluateOf(node);
      if (chosen !== counted) evaluate = chosen;
      isChosen = true;
      Object.assign(node, { evaluate: counted });
    }
  };
  Object.assign(node, { evaluate: counted });
}

function takeFor(value: unknown, around: Around, meter: Meter): void {
  if (around === 'lists') meter.take(Array.isArray(value) ? insideOf(value, meter.left) : 0);
  else if (around === 'number') meter.take(typeof value === 'bigint' ? Math.max(0, Number(value)) : 0);
  else if (around === 'values')
    meter.take(Math.floor(insideOf(value, (meter.left + 1) * valuesPerStep) / valuesPerStep));
  else takeForCall(value, around, meter);
}

/** Items of lists are compared, or put together, whole. */
function takeForCall(value: unknown, call: HeavyCall, meter: Meter): void {
  const length = lengthOf(value);
  const size = Array.isArray(value) ? insideOf(value, (meter.left + 1) * charactersPerStep) : length;
  call.product *= call.power === 2 ? (size + 1) * (length + 1) : size + 1;
  meter.take(Math.floor(call.product * call.share));
}

/**
 * How many values are inside of a value; a long text counts as several. Counts until it is more than `most`: lists that hold the
 * same list again and again have far more values than it took steps to make them.
 */
function insideOf(value: unknown, most: number): number {
  if (typeof value === 'string') return Math.floor(value.length / charactersPerStep);
  if (typeof value !== 'object' || value === null) return 0;
  const inside: readonly unknown[] = Array.isArray(value) ? value : membersOf(value);
  let sum = 0;
  for (const item of inside) {
    if (sum > most) break;
    sum += 1 + insideOf(item, most - sum);
  }
  return sum;
}

const membersOf = (value: object): readonly unknown[] =>
  value instanceof Map ? [...value.values()] : Object.values(value);

/** Steps for what was made, beside the one of the node. */
function madeSteps(value: unknown): number {
  const length = lengthOf(value);
  return typeof value === 'string' ? Math.floor(length / charactersPerStep) : length;
}

function evaluateOf(node: ASTNode): Evaluate {
  const found: unknown = 'evaluate' in node ? node.evaluate : undefined;
  if (isFunction(found)) return found;
  throw new TypeError(`a node ${node.op} cannot be evaluated`);
}

function isFunction(value: unknown): value is Evaluate {
  return typeof value === 'function';
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Map ? value.size : 0;
}
