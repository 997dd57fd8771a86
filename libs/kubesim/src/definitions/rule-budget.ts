import type { RuleCosts } from '../custom/cel/compile-rules.ts';
import { forbidden } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { numberAt } from '../json.ts';
import type { JsonObject } from '../json.ts';

const ruleBudget = 10_000_000n;
const schemaBudget = 100_000_000n;
const mostNamed = 4;
const mostOfAll = 2n ** 64n - 1n;

/** What one expression may cost at most, and where it stands. */
export interface ExpressionCost {
  readonly path: string;
  readonly cost: bigint;
}

/** How many values inside of a value of a schema there can be for each of its own; undefined when nothing limits them. */
export function mostInside(schema: JsonObject): bigint | undefined {
  const isMap = schema['type'] === 'object' && (schema['additionalProperties'] ?? false) !== false;
  if (schema['type'] !== 'array' && !isMap) return 1n;
  const most = numberAt(schema, isMap ? 'maxProperties' : 'maxItems');
  return most === undefined ? undefined : BigInt(Math.max(most, 0));
}

/** The product, undefined when one of the factors has no limit. */
export function product(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || b === undefined ? undefined : capped(a * b);
}

/** What all uses of a rule in one object may cost. */
export function costOfUses({ rule, mostValues }: RuleCosts, mostUses: bigint | undefined): bigint {
  return capped(rule * (mostUses ?? mostValues));
}

/** Refuses one expression that costs too much; `what` is what it is called. */
export function budgetErrors(what: string, { path, cost }: ExpressionCost): FieldError[] {
  return cost > ruleBudget ? [forbidden(path, budgetWords(`estimated ${what} cost`, cost, ruleBudget))] : [];
}

/** Refuses expressions that cost too much together, and names those that cost most. */
export function totalErrors(costs: readonly ExpressionCost[], path: string): FieldError[] {
  const total = capped(costs.reduce((all, { cost }) => all + cost, 0n));
  if (total <= schemaBudget) return [];
  const named = costs
    .filter(({ cost }) => cost >= schemaBudget / 100n)
    .sort((a, b) => (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : 0))
    .slice(0, mostNamed);
  const whole = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...named.map((one) => forbidden(one.path, partWords)),
    forbidden(path, budgetWords(whole, total, schemaBudget)),
  ];
}

const partWords = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';

function budgetWords(what: string, cost: bigint, budget: bigint): string {
  const factor = factorText(Number(cost) / Number(budget));
  return (
    `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and ` +
    'maxLength where arrays, maps, and strings are declared)'
  );
}

/** Go rounds a quarter to the even digit, JavaScript up. */
function factorText(factor: number): string {
  if (factor > 100) return 'more than 100x';
  if (factor < 1.5) return `${factor.toFixed(6)}x`;
  return `${(factor % 1 === 0.25 ? factor - 0.05 : factor).toFixed(1)}x`;
}

function capped(value: bigint): bigint {
  return value > mostOfAll ? mostOfAll : value;
}
