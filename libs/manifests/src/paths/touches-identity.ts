import type { JqTree } from './jq-tree.ts';

/** `*` is any one step, `**` any number of them. */
interface Pattern {
  readonly steps: readonly string[];
  /** Some of what it fits is left out by a condition. */
  readonly isChosen: boolean;
}

const any = '*';
const deep = '**';
const literal = (name: string): string => `=${name}`;

const identity: readonly (readonly string[])[] = [
  [],
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'labels', 'meridian.dev/application'],
].map((steps) => steps.map(literal));

/** How many alternatives an expression may have; of more nobody looks whether they mean what an object is known by. */
export const mostPatterns = 256;

/**
 * Whether an expression means what an object is known by, or something that holds it; `unknown` when it has too many alternatives
 * to tell. One that chooses by a condition may find such a place, too; that is left out where it is found.
 */
export function touchesIdentity(tree: JqTree): boolean | 'unknown' {
  const patterns = patternsOf(tree, [{ steps: [], isChosen: false }]);
  if (patterns.length > mostPatterns) return 'unknown';
  return patterns.some(({ steps, isChosen }) => {
    const isLiteral = steps.every((step) => step.startsWith('='));
    return (isLiteral || !isChosen) && identity.some((place) => fits(steps, place));
  });
}

function fits(steps: readonly string[], place: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return place.length === 0;
  if (step === deep) return place.some((_, skip) => fits(rest, place.slice(skip))) || fits(rest, []);
  const [first, ...others] = place;
  if (first === undefined) return false;
  // Every label of an object may be ignored; ours alone is left out then.
  const isOwnLabel = first === '=meridian.dev/application';
  return (step === first || (step === any && !isOwnLabel)) && fits(rest, others);
}

function patternsOf(tree: JqTree, from: readonly Pattern[]): readonly Pattern[] {
  if (from.length > mostPatterns) return from;
  switch (tree.op) {
    case 'below':
      return followed(from, deep);
    case 'field':
      return byKey(patternsOf(tree.of, from), tree.key);
    case 'step':
      return followed(patternsOf(tree.of, from), literal(tree.name));
    case 'each':
      return followed(patternsOf(tree.of, from), any);
    case 'pipe':
      return patternsOf(tree.right, patternsOf(tree.left, from));
    case 'comma':
    case 'alternative':
      return [...patternsOf(tree.left, from), ...patternsOf(tree.right, from)];
    default:
      return ofOther(tree, from);
  }
}

const followed = (from: readonly Pattern[], step: string): readonly Pattern[] =>
  from.map((pattern) => ({ ...pattern, steps: [...pattern.steps, step] }));

const chosen = (from: readonly Pattern[]): readonly Pattern[] =>
  from.map((pattern) => ({ ...pattern, isChosen: true }));

function byKey(from: readonly Pattern[], key: JqTree): readonly Pattern[] {
  if (key.op !== 'value' || typeof key.value === 'object') return chosen(followed(from, any));
  return followed(from, literal(`${key.value}`));
}

function ofOther(tree: JqTree, from: readonly Pattern[]): readonly Pattern[] {
  if (tree.op === 'here') return from;
  if (tree.op !== 'call' || tree.name === 'empty') return [];
  if (tree.name === 'recurse') return followed(from, deep);
  const [argument] = tree.args;
  return chosen(tree.name === 'first' && argument ? patternsOf(argument, from) : from);
}
