import type { Kind } from '@meridian/cel';
import type { CallCost } from './call-costs.ts';
import { eitherMembers, sizeOf } from './estimate.ts';
import type { Estimate, Members } from './estimate.ts';
import { one, perCharacter, share, sum, union } from './range.ts';
import type { Range } from './range.ts';

/** What an operator costs besides its operands, and what is known of its result. */
export interface OperatorCost extends CallCost {
  readonly members?: Members | undefined;
  /** What its result is of the left operand, when it is a part of it. */
  readonly step?: '@items' | '@values';
}

const ordered: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

/** What an operator with two operands costs. Operands of no known type may be of any that fits the other one. */
export function operatorCost(op: string, left: Estimate, right: Estimate): OperatorCost {
  if (op === '==' || op === '!=') return { cost: equality(op, left, right) };
  if (ordered.has(op)) return { cost: fits(left, right, ['text', 'bytes']) ? order(left, right) : one };
  if (op === '+') return addition(left, right);
  if (op === 'in') return membership(right);
  return op === '[]' ? index(left) : { cost: one };
}

/** Types of Kubernetes whose values are compared in one step, or nearly so. */
const short: Readonly<Record<string, Range>> = {
  'kubernetes.Quantity': one,
  'net.IP': one,
  'net.CIDR': one,
  'kubernetes.Semver': one,
  'kubernetes.NamedFormat': share({ min: 1n, max: 64n }, perCharacter),
};

function equality(op: '==' | '!=', left: Estimate, right: Estimate): Range {
  const { name } = left.shape;
  const isShort = op === '==' && name === right.shape.name && Object.hasOwn(short, name);
  return isShort ? (short[name] ?? one) : comparison(left, right);
}

/** The shorter one limits how much is compared. */
function comparison(left: Estimate, right: Estimate): Range {
  const [a, b] = [sizeOf(left).max, sizeOf(right).max];
  const max = a < b ? a : b;
  return share({ min: max > 0n ? 1n : 0n, max }, perCharacter);
}

function order(left: Estimate, right: Estimate): Range {
  const cost = comparison(left, right);
  const isSure = !isDyn(left) || !isDyn(right);
  return isSure ? cost : union(cost, one);
}

function isDyn({ shape }: Estimate): boolean {
  return shape.kind === 'dyn';
}

function fits(left: Estimate, right: Estimate, kinds: readonly Kind[]): boolean {
  return [left, right].every((side) => isDyn(side) || kinds.includes(side.shape.kind));
}

/** Texts are copied; lists are joined in one step. */
function addition(left: Estimate, right: Estimate): OperatorCost {
  const isText = fits(left, right, ['text', 'bytes']);
  const isList = fits(left, right, ['list']);
  if (!isText && !isList) return { cost: one };
  const size = sum(sizeOf(left), sizeOf(right));
  const copying = share(size, perCharacter);
  const isBoth = isText && isList;
  return {
    cost: isBoth ? union(copying, one) : isText ? copying : one,
    size,
    members: eitherMembers(left.members, right.members),
  };
}

function membership(right: Estimate): OperatorCost {
  const { kind } = right.shape;
  if (kind === 'list') return { cost: share(sizeOf(right), 1) };
  return kind === 'dyn' ? { cost: union(share(sizeOf(right), 1), one) } : { cost: one };
}

function index(left: Estimate): OperatorCost {
  const { kind } = left.shape;
  if (kind !== 'list' && kind !== 'map' && kind !== 'dyn') return { cost: one };
  return {
    cost: one,
    step: kind === 'list' ? '@items' : '@values',
    ...(left.members === undefined ? {} : { size: left.members.value }),
  };
}
