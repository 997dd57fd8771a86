import { isObject, jsonEqual } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { CustomSchema } from '../custom-schema.ts';
import { checkFormat, checkNumber, checkText, checkType } from './check-scalars.ts';
import type { Correlation } from './correlation.ts';
import { checkAlternatives } from './check-alternatives.ts';
import { failed, joined, missing, notListed, passed, shownValue, told, tooMany, worded } from './finding.ts';
import type { Finding, Result } from './finding.ts';

/** Where a value is checked: by its path and, in an update, beside what it was. */
export interface CheckPlace {
  readonly path: string;
  readonly correlation: Correlation | undefined;
}

/** Checks a value against a schema as kube-openapi's validator does. */
export function checkValue(value: Json, schema: CustomSchema, place: CheckPlace): Result {
  const { path } = place;
  const type = checkType(value, schema, path);
  if (value === null) return joined([type, checkEnum(value, schema, path)]);
  const alternatives = checkAlternatives(schema, path, (other) => checkValue(value, other, place));
  const results = [type, alternatives, ...checkKind(value, schema, place)];
  const counted = results.map((result) => ({ ...result, matches: result.matches + 1 }));
  return joined([...counted, passed(1)]);
}

/** The same, but what did not change is let pass. */
function checkPart(value: Json, schema: CustomSchema, place: CheckPlace): Result {
  const result = checkValue(value, schema, place);
  return place.correlation?.isUnchanged() === true ? passed(result.matches) : result;
}

function checkKind(value: Json, schema: CustomSchema, place: CheckPlace): Result[] {
  const { path } = place;
  const listed = checkEnum(value, schema, path);
  if (typeof value === 'string') {
    return [checkText(value, schema, path), checkFormat(value, schema, path), listed];
  }
  if (typeof value === 'number') return [checkNumber(value, schema, path), listed];
  if (Array.isArray(value)) return [checkList(value, schema, place), listed];
  return isObject(value) ? [listed, checkObject(value, schema, place)] : [listed];
}

function checkEnum(value: Json, { limits }: CustomSchema, path: string): Result {
  const values = limits.enum;
  if (values.length === 0 || values.some((item) => item !== null && jsonEqual(item, value))) return passed(0);
  return failed(notListed(path, value, values));
}

function checkList(list: readonly Json[], schema: CustomSchema, place: CheckPlace): Result {
  const { items, limits } = schema;
  const parts =
    items === undefined
      ? []
      : list.map((item, index) =>
          checkPart(item, items, {
            path: `${place.path}[${String(index)}]`,
            correlation: place.correlation?.index(index),
          }),
        );
  const { path } = place;
  const { minItems, maxItems } = limits;
  const found = list.length;
  const findings: Finding[] = [];
  if (minItems !== undefined && found < minItems) {
    findings.push(told(path, `should have at least ${String(minItems)} items`, found));
  }
  if (maxItems !== undefined && found > maxItems) {
    findings.push(tooMany(path, { found, most: maxItems, what: 'items' }));
  }
  if (limits.uniqueItems && hasTwins(list)) findings.push(told(path, "shouldn't contain duplicates", ''));
  return joined([...parts, failed(...findings), passed(1)]);
}

function hasTwins(list: readonly Json[]): boolean {
  return list.some((item, index) => list.slice(0, index).some((before) => jsonEqual(before, item)));
}

function checkObject(object: JsonObject, schema: CustomSchema, place: CheckPlace): Result {
  const { path } = place;
  const names = Object.keys(object).filter((name) => object[name] !== undefined);
  return joined([
    failed(...sizeFindings(names.length, schema, path)),
    ...checkOthers(object, names, { schema, place }),
    ...[...schema.properties]
      .filter(([name]) => names.includes(name))
      .map(([name, property]) => {
        const at = path === '' ? name : `${path}.${name}`;
        return checkPart(object[name] ?? null, property, memberPlace(place, name, at));
      }),
    failed(
      ...schema.limits.required
        .filter((name) => !names.includes(name))
        .map((name) => missing(`${path}.${name}`)),
    ),
  ]);
}

/** Members that the schema does not name. */
function checkOthers(
  object: JsonObject,
  names: readonly string[],
  { schema, place }: { readonly schema: CustomSchema; readonly place: CheckPlace },
): Result[] {
  const { additional } = schema;
  const others = names.filter((name) => !schema.properties.has(name));
  const { path } = place;
  if (additional === false) {
    return others.map((name) => failed(forbiddenMember(path, name)));
  }
  if (typeof additional !== 'object') return [];
  return others.map((name) =>
    checkPart(object[name] ?? null, additional, memberPlace(place, name, `${path}.${name}`)),
  );
}

function forbiddenMember(path: string, name: string): Finding {
  return worded(path, `${path}.${name} in body is a forbidden property`, name);
}

/** Changes of the kind and its version cannot be seen, so they are never let pass as unchanged. */
function memberPlace({ path, correlation }: CheckPlace, name: string, at: string): CheckPlace {
  const isTypeMeta = path === '' && (name === 'apiVersion' || name === 'kind');
  return { path: at, correlation: isTypeMeta ? undefined : correlation?.key(name) };
}

function sizeFindings(found: number, { limits }: CustomSchema, path: string): Finding[] {
  const { minProperties, maxProperties } = limits;
  const findings: Finding[] = [];
  if (minProperties !== undefined && found < minProperties) {
    findings.push(told(path, `should have at least ${String(minProperties)} properties`, shownValue(found)));
  }
  if (maxProperties !== undefined && found > maxProperties) {
    findings.push(tooMany(path, { found, most: maxProperties, what: 'properties' }));
  }
  return findings;
}
