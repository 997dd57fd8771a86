import { fieldOf, isFields, isList, isNull, type Fields, type Value } from '../values/value.ts';
import type { CompiledSpec } from './field-spec.ts';

/** Field specs by the steps that their paths share, to find in one walk which of them an object has fields for. */
export class SpecTree {
  readonly #root: Branch = newBranch(false);
  /** Specs whose paths cannot be walked so. */
  readonly #always: number[] = [];

  constructor(specs: readonly CompiledSpec[]) {
    for (const [index, { steps }] of specs.entries()) {
      if (steps.some(({ kind }) => kind !== 'field')) this.#always.push(index);
      else this.#add(steps, index);
    }
  }

  #add(steps: CompiledSpec['steps'], index: number): void {
    let at = this.#root;
    for (const step of steps) {
      at.all.push(index);
      if (step.kind === 'field') at = branchBelow(at, step);
    }
    at.all.push(index);
    at.ends.push(index);
  }

  /** The positions of the specs that change an object or do not fit it, when they create nothing; in their order. */
  present(fields: Fields): readonly number[] {
    const found = new Set(this.#always);
    findBelow(fields, this.#root, found);
    return found.size < 2 ? [...found] : [...found].sort((left, right) => left - right);
  }
}

interface Branch {
  readonly isList: boolean;
  readonly below: Map<string, Branch[]>;
  /** Specs that end here. */
  readonly ends: number[];
  /** Specs that end here or below. */
  readonly all: number[];
}

function newBranch(isList: boolean): Branch {
  return { isList, below: new Map(), ends: [], all: [] };
}

function branchBelow(
  { below }: Branch,
  { name, isList }: { readonly name: string; readonly isList: boolean },
): Branch {
  const branches = below.get(name) ?? [];
  below.set(name, branches);
  let branch = branches.find((each) => each.isList === isList);
  if (!branch) branches.push((branch = newBranch(isList)));
  return branch;
}

function findBelow(value: Value, branch: Branch, found: Set<number>): void {
  if (isNull(value)) return;
  if (isList(value)) for (const item of value) findBelow(item, branch, found);
  else if (isFields(value)) findInFields(value, branch, found);
  else addAll(branch.all, found);
}

function findInFields(fields: Fields, { below }: Branch, found: Set<number>): void {
  for (const [name, branches] of below) {
    const value = fieldOf(fields, name);
    if (value !== undefined) for (const each of branches) findIn(value, each, found);
  }
}

function findIn(value: Value, branch: Branch, found: Set<number>): void {
  // A null where a list is wanted becomes one.
  if (isNull(value)) return addAll(branch.isList ? branch.all : [], found);
  addAll(branch.ends, found);
  if (branch.below.size > 0) findBelow(value, branch, found);
}

function addAll(positions: readonly number[], found: Set<number>): void {
  for (const position of positions) found.add(position);
}
