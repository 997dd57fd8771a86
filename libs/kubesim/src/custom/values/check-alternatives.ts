import type { CustomSchema } from '../custom-schema.ts';
import { failed, general, joined, passed } from './finding.ts';
import type { Result } from './finding.ts';

/** Checks a value against the schemas that another combines: `anyOf`, `oneOf`, `allOf` and `not`. */
export function checkAlternatives(
  schema: CustomSchema,
  path: string,
  check: (alternative: CustomSchema) => Result,
): Result {
  const { anyOf, oneOf, allOf, not } = schema.limits;
  const shown = JSON.stringify(path);
  const isExcluded = not !== undefined && isValid(check(not));
  return joined([
    ...(anyOf.length === 0 ? [] : anyOfResults(anyOf.map(check), shown)),
    ...(oneOf.length === 0 ? [] : oneOfResults(oneOf.map(check), shown)),
    ...(allOf.length === 0 ? [] : allOfResults(allOf.map(check), shown)),
    ...(isExcluded ? [failed(general(`${shown} must not validate the schema (not)`))] : []),
    passed(1),
  ]);
}

function anyOfResults(results: readonly Result[], shown: string): Result[] {
  const first = results.find(isValid);
  if (first !== undefined) return [first];
  return [failed(general(`${shown} must validate at least one schema (anyOf)`)), ...nearest(results)];
}

function oneOfResults(results: readonly Result[], shown: string): Result[] {
  const valid = results.filter(isValid);
  const [first] = valid;
  if (first !== undefined && valid.length === 1) return [first];
  const why = first === undefined ? 'Found none valid' : `Found ${String(valid.length)} valid alternatives`;
  const refusal = failed(general(`${shown} must validate one and only one schema (oneOf). ${why}`));
  return first === undefined ? [refusal, ...nearest(results)] : [refusal];
}

function allOfResults(results: readonly Result[], shown: string): Result[] {
  const valid = results.filter(isValid).length;
  if (valid === results.length) return [...results];
  const why = valid === 0 ? '. None validated' : '';
  return [...results, failed(general(`${shown} must validate all the schemas (allOf)${why}`))];
}

/** The alternative that failed last: that with the most checks passed, the first of several. */
function nearest(results: readonly Result[]): Result[] {
  const [first, ...others] = results;
  if (first === undefined) return [];
  return [others.reduce((best, result) => (result.matches > best.matches ? result : best), first)];
}

function isValid({ findings }: Result): boolean {
  return findings.length === 0;
}
