import type { ASTNode } from '@marcbachmann/cel-js';
import { macroVariables } from '@meridian/cel';
import { eitherMembers, sizeOf } from './estimate.ts';
import type { Estimate, Members } from './estimate.ts';
import { sortCost } from './call-costs.ts';
import { anySize, exactly, nothing, one, sum, times, union } from './range.ts';
import type { Range } from './range.ts';

/** A variable inside of a macro. */
export interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly members?: Members | undefined;
}

/** What macros need of the walk through an expression. */
export interface Walk {
  visit(node: ASTNode): Estimate;
  sizeAt(path: readonly string[]): Range | undefined;
  within<Found>(locals: ReadonlyMap<string, Local>, look: () => Found): Found;
}

/** What a macro costs with all that is in it, and what is known of its result. */
export interface MacroCost {
  readonly cost: Range;
  readonly size?: Range | undefined;
  readonly members?: Members | undefined;
}

/** A call of a macro: what it goes over, its variables and its expressions. */
interface Use {
  readonly target: Estimate;
  readonly names: readonly string[];
  readonly given: readonly ASTNode[];
  readonly walk: Walk;
}

type Reckon = (use: Use) => MacroCost;

/** What a use of a macro costs; undefined when a call of that many arguments is of none. */
export function macroCost(
  name: string,
  given: readonly ASTNode[],
  { target, walk }: { readonly target: ASTNode; readonly walk: Walk },
): MacroCost | undefined {
  const key = `${name}/${String(given.length)}`;
  const reckon = Object.hasOwn(macros, key) ? macros[key] : undefined;
  const variables = macroVariables(name, given.length);
  if (reckon === undefined || variables === undefined) return undefined;
  const names = given.slice(0, variables).map((node) => (node.op === 'id' ? node.args : ''));
  return reckon({ target: walk.visit(target), names, given: given.slice(variables), walk });
}

/** One step of a loop. */
interface Step {
  readonly cost: Range;
  readonly members?: Members | undefined;
}

/** A loop: how it begins, what each step costs beside its condition, and what reading the result costs. */
function loop(
  { target, names, walk }: Use,
  parts: {
    readonly before: bigint;
    readonly condition: bigint;
    readonly after: bigint;
    readonly step: () => Step;
  },
): { readonly cost: Range; readonly count: Range; readonly members: Members | undefined } {
  const step = walk.within(localsOf(target, names), parts.step);
  const count = sizeOf(target);
  const steps = times(count, sum(step.cost, exactly(parts.condition)));
  const cost = sum(target.cost, exactly(parts.before), exactly(parts.after), steps);
  return { cost, count, members: step.members };
}

/** One variable stands for the items of a list or the keys of a map, two for index or key and value. */
function localsOf(target: Estimate, names: readonly string[]): ReadonlyMap<string, Local> {
  const { members, shape, path } = target;
  const isList = members === undefined ? shape.kind === 'list' : members.isList;
  const key: Local = { path: [...path, isList ? '@indices' : '@keys'], size: members?.key };
  const value: Local = { path: [...path, isList ? '@items' : '@values'], size: members?.value };
  const [first = '', second] = names;
  if (second === undefined) return new Map([[first, isList ? value : key]]);
  return new Map([
    [first, isOverwritten(path) ? { ...key, path: value.path } : key],
    [second, value],
  ]);
}

/**
 * The real server appends to one path twice. Where the memory of its path has room, which it has unless its length is a power
 * of two, the first variable gets the place of the second.
 */
function isOverwritten({ length }: readonly string[]): boolean {
  return (length & (length - 1)) !== 0;
}

/** `all` and `exists` go on unless they know. */
function quantifier(condition: bigint): Reckon {
  return (use) => {
    const step = () => {
      const [test = nothing] = use.given.map((node) => use.walk.visit(node).cost);
      return { cost: { min: 1n, max: sum(one, test).max } };
    };
    return { cost: loop(use, { before: 0n, condition, after: 1n, step }).cost, size: one };
  };
}

const existsOne: Reckon = (use) => {
  const step = () => {
    const [test = nothing] = use.given.map((node) => use.walk.visit(node).cost);
    return { cost: sum(test, { min: 1n, max: 2n }) };
  };
  return { cost: loop(use, { before: 0n, condition: 0n, after: 2n, step }).cost, size: one };
};

const emptyList: Members = { isList: true, key: one, value: nothing };

/** Adds one item to the list; the test before it, when there is one, may leave it out. */
function adding(use: Use, test: ASTNode | undefined, item: ASTNode): Step {
  const tested = test === undefined ? undefined : use.walk.visit(test).cost;
  const found = use.walk.visit(item);
  const added = sum(found.cost, exactly(12n));
  const members = eitherMembers(emptyList, { isList: true, key: one, value: sizeOf(found) });
  return { cost: tested === undefined ? added : sum(tested, union(added, one)), members };
}

const mapping: Reckon = (use) => {
  const { given } = use;
  const [test, item] = given.length > 1 ? given : [undefined, given[0]];
  const step = () => (item === undefined ? { cost: nothing } : adding(use, test, item));
  const { cost, count, members } = loop(use, { before: 10n, condition: 0n, after: 1n, step });
  return { cost, size: count, members };
};

const filter: Reckon = (use) => {
  const value = { min: 0n, max: itemSize(use).max };
  const step = () => {
    const [test = nothing] = use.given.map((node) => use.walk.visit(node).cost);
    return { cost: sum(test, { min: 1n, max: 13n }), members: { isList: true, key: one, value } };
  };
  const { cost, count, members } = loop(use, { before: 10n, condition: 0n, after: 1n, step });
  return { cost, size: count, members };
};

function itemSize({ target, names, walk }: Use): Range {
  const [local] = localsOf(target, names).values();
  const isScalar = target.shape.member?.kind === 'scalar';
  return walk.sizeAt(local?.path ?? []) ?? (isScalar ? one : local?.size) ?? anySize;
}

/** Makes a map; each entry is inserted in one step. */
function toMap(operands: bigint): Reckon {
  return (use) => {
    const { given } = use;
    const step = () => {
      const costs = given.map((node) => use.walk.visit(node).cost);
      const inserted = sum(costs.at(-1) ?? nothing, exactly(operands));
      return { cost: costs.length > 1 ? sum(costs[0] ?? nothing, union(inserted, one)) : inserted };
    };
    const { cost, count } = loop(use, { before: 30n, condition: 0n, after: 1n, step });
    return { cost, size: count };
  };
}

/** Looks whether there is a value, and works with it. */
function optional(wrapping: bigint): Reckon {
  return ({ target, names: [name = ''], given: [node], walk }) => {
    const size = target.shape.member?.kind === 'scalar' ? one : undefined;
    const bound = new Map([[name, { path: [], size }]]);
    const inside = node === undefined ? nothing : walk.within(bound, () => walk.visit(node).cost);
    const value = sum(target.cost, one);
    const found = sum(exactly(10n + wrapping), value, inside);
    return { cost: sum(value, union(found, one)) };
  };
}

/** Sorts by keys that are made with `map`. */
const sortBy: Reckon = (use) => {
  const { target, given } = use;
  const [node] = given;
  const bound: Use = { ...use, target: { ...target, cost: one } };
  const keys = mapping(bound);
  const shape =
    node === undefined
      ? undefined
      : use.walk.within(localsOf(target, use.names), () => use.walk.visit(node).shape);
  const sorting = sortCost(keys.size ?? nothing, shape);
  return { cost: sum(exactly(10n), target.cost, one, keys.cost, sorting.cost), size: sorting.size };
};

const macros: Readonly<Record<string, Reckon>> = {
  'all/2': quantifier(2n),
  'exists/2': quantifier(3n),
  'exists_one/2': existsOne,
  'existsOne/2': existsOne,
  'map/2': mapping,
  'map/3': mapping,
  'filter/2': filter,
  'all/3': quantifier(2n),
  'exists/3': quantifier(3n),
  'exists_one/3': existsOne,
  'existsOne/3': existsOne,
  'transformList/3': mapping,
  'transformList/4': mapping,
  'transformMap/3': toMap(3n),
  'transformMap/4': toMap(3n),
  'transformMapEntry/3': toMap(2n),
  'transformMapEntry/4': toMap(2n),
  'optMap/2': optional(1n),
  'optFlatMap/2': optional(0n),
  'sortBy/2': sortBy,
};
