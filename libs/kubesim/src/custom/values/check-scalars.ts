import { hasFormat, isKnownFormat } from '@meridian/cel';
import { RE2JS } from 're2js';
import type { Json } from '../../json.ts';
import type { CustomSchema } from '../custom-schema.ts';
import {
  failed,
  general,
  goNumber,
  joined,
  passed,
  shownValue,
  told,
  tooLongText,
  worded,
  wrongType,
} from './finding.ts';
import type { Finding, Result } from './finding.ts';

/** The types that a schema allows. */
function typesOf(schema: CustomSchema): readonly string[] {
  if (schema.isIntOrString) return ['integer', 'string'];
  return schema.type === '' ? [] : [schema.type];
}

/** The format that is looked at: one that the server does not know for the type is not. */
function formatOf({ type, isIntOrString, limits: { format } }: CustomSchema): string {
  if (type === 'integer' && !isIntOrString) return ['int32', 'int64'].includes(format) ? format : '';
  if (type === 'number') return ['float', 'double'].includes(format) ? format : '';
  return (type === '' || type === 'string' || isIntOrString) && isKnownFormat(format) ? format : '';
}

/** The JSON type of a value; numbers that fit are integers. */
function jsonType(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isInteger(value) ? 'integer' : 'number';
  if (value === null) return 'null';
  return typeof value;
}

/** Whether Go reads a number as an integer. */
export function isInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

/** Whether a value is of the type of its schema. */
export function checkType(value: Json, schema: CustomSchema, path: string): Result {
  const types = typesOf(schema);
  const format = formatOf(schema);
  if (types.length === 0 && format === '') return passed(0);
  const found = jsonType(value);
  const wanted = types.join(',');
  if (value === null) {
    return wanted === '' || schema.nullable ? passed(1) : failed(wrongType(path, wanted, found));
  }
  if (types.includes(found) || (found === 'integer' && types.includes('number'))) return passed(1);
  if (format === '') return failed(wrongType(path, wanted, found));
  return checkFormatted(value, { types, format, found, path });
}

/** What has a format is of another type than its schema says: text and lists are let pass here when no number is due. */
function checkFormatted(
  value: Json,
  {
    types,
    format,
    found,
    path,
  }: Readonly<Record<'format' | 'found' | 'path', string>> & { readonly types: readonly string[] },
): Result {
  const isTextual = typeof value === 'string' || Array.isArray(value);
  if (!isTextual) return failed(wrongType(path, format, goFormat(found)));
  const isNumeric = types.includes('integer') || types.includes('number');
  return isNumeric ? failed(wrongType(path, types.join(','), found)) : passed(1);
}

/** The format that Go's types have for the values they hold. */
function goFormat(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : '';
}

/** What is wrong with text; only the first is told. */
export function checkText(value: string, { limits }: CustomSchema, path: string): Result {
  const length = [...value].length;
  const { maxLength, minLength, pattern } = limits;
  if (maxLength !== undefined && length > maxLength) return failed(tooLongText(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    return failed(told(path, `should be at least ${String(minLength)} chars long`, value));
  }
  if (pattern === '' || matchesPattern(value, pattern)) return passed(0);
  return failed(told(path, `should match '${pattern}'`, value));
}

const patterns = new Map<string, RE2JS>();
const mostPatterns = 1_000;

/** Whether text matches a pattern of Go somewhere. Throws when the pattern is none. */
function matchesPattern(text: string, pattern: string): boolean {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = RE2JS.compile(pattern);
    if (patterns.size >= mostPatterns) patterns.clear();
    patterns.set(pattern, compiled);
  }
  return compiled.matcher(text).find();
}

/** Whether text has the format of its schema. */
export function checkFormat(value: string, schema: CustomSchema, path: string): Result {
  const format = formatOf(schema);
  if (!isKnownFormat(format) || hasFormat(value, format)) return passed(0);
  return failed(wrongType(path, format, value));
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const mostFloat32 = 3.4028234663852886e38;

/** What is wrong with a number: its range, then its bounds. */
export function checkNumber(value: number, schema: CustomSchema, path: string): Result {
  const findings = [
    ...rangeFindings(value, schema, path),
    ...factorFindings(value, schema, path),
    ...boundFindings(value, schema, path),
  ];
  return joined([failed(...findings), passed(1)]);
}

/** Integers are divided by the whole part of the factor, which may be nothing. */
function factorFindings(value: number, { limits: { multipleOf } }: CustomSchema, path: string): Finding[] {
  if (multipleOf === undefined) return [];
  const factor = isInteger(value) ? Math.trunc(multipleOf) : multipleOf;
  if (factor <= 0) {
    const words = `factor MultipleOf declared for ${path} must be positive: ${goNumber(factor)}`;
    return [worded(path, words, shownValue(factor))];
  }
  if (isMultiple(value, factor)) return [];
  return [told(path, `should be a multiple of ${goNumber(factor, !isInteger(value))}`, shownValue(value))];
}

function rangeFindings(value: number, schema: CustomSchema, path: string): Finding[] {
  const format = formatOf(schema);
  if (fitsFormat(value, schema.type, format)) return [];
  const how = format === '' ? '(default format)' : `with format ${format}`;
  return [general(`Checked value must be of type ${schema.type} ${how} in ${path}`)];
}

function fitsFormat(value: number, type: string, format: string): boolean {
  if (type === 'integer') {
    return format === 'int32' ? value >= int32.min && value <= int32.max : isInteger(value);
  }
  return format !== 'float' || Math.abs(value) <= mostFloat32;
}

function isMultiple(value: number, factor: number): boolean {
  if (isInteger(value)) return Number.isInteger(value / factor);
  return Number.isSafeInteger(factor < 1 ? (1 / factor) * value : value / factor);
}

function boundFindings(value: number, { limits }: CustomSchema, path: string): Finding[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits;
  const bound = (limit: number) => (isInteger(value) ? Math.trunc(limit) : limit);
  // What a fraction is compared with is a fraction to Go, too.
  const shown = (limit: number) => goNumber(bound(limit), !isInteger(value));
  const findings: Finding[] = [];
  if (minimum !== undefined && isBelow(value, bound(minimum), exclusiveMinimum)) {
    const words = exclusiveMinimum ? 'should be greater than' : 'should be greater than or equal to';
    findings.push(told(path, `${words} ${shown(minimum)}`, shownValue(value)));
  }
  if (maximum !== undefined && isBelow(-value, -bound(maximum), exclusiveMaximum)) {
    const words = exclusiveMaximum ? 'should be less than' : 'should be less than or equal to';
    findings.push(told(path, `${words} ${shown(maximum)}`, shownValue(value)));
  }
  return findings;
}

function isBelow(value: number, limit: number, exclusive: boolean): boolean {
  return value < limit || (exclusive && value === limit);
}
