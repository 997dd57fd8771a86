import type { ASTNode } from '@marcbachmann/cel-js';
import type { Shape } from '@meridian/cel';
import { anySize, union } from './range.ts';
import type { Range } from './range.ts';

/** What the members of a list or map may measure. */
export interface Members {
  readonly isList: boolean;
  readonly key: Range;
  readonly value: Range;
}

/** What is known about an expression. */
export interface Estimate {
  readonly node: ASTNode;
  readonly cost: Range;
  readonly size: Range | undefined;
  readonly members: Members | undefined;
  /** Where its value stands in the schema: a variable, then fields, `@items`, `@keys` and `@values`; empty when nowhere. */
  readonly path: readonly string[];
  readonly shape: Shape;
}

/** The size of an expression's value. */
export function sizeOf({ size }: Estimate): Range {
  return size ?? anySize;
}

/** What holds the members of both, when both are known. */
export function eitherMembers(a: Members | undefined, b: Members | undefined): Members | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { isList: a.isList, key: union(a.key, b.key), value: union(a.value, b.value) };
}
