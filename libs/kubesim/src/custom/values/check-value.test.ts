import { describe, expect, it } from 'vitest';
import { errorBody } from '../../errors/field-error.ts';
import type { Json, JsonObject } from '../../json.ts';
import { readCustomSchema } from '../custom-schema.ts';
import { checkValue } from './check-value.ts';
import { Correlation } from './correlation.ts';
import { embeddedErrors } from './embedded-errors.ts';
import { listErrors } from './list-errors.ts';
import { scaleSpecErrors, scaleStatusErrors } from './scale-errors.ts';

function found(json: JsonObject, value: Json, old?: Json): string[] {
  const schema = readCustomSchema({ type: 'object', properties: { v: json } });
  const object = { v: value };
  const correlation = old === undefined ? undefined : new Correlation(object, { v: old }, schema);
  const { findings } = checkValue(object, schema, { path: '', correlation });
  return findings.map(({ error }) => `${error.field}: ${errorBody(error)}`);
}

describe('a value of a custom kind', () => {
  it.each<[JsonObject, Json, string[]]>([
    [{ type: 'string' }, 7, ['v: Invalid value: "integer": v in body must be of type string: "integer"']],
    [
      { type: 'integer' },
      1.5,
      [
        'v: Invalid value: "number": v in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in v',
      ],
    ],
    [{ type: 'number' }, 1, []],
    [{ type: 'string' }, null, ['v: Invalid value: "null": v in body must be of type string: "null"']],
    [{ type: 'string', nullable: true }, null, []],
    [{ type: 'string', maxLength: 1 }, 'ää', ['v: Too long: may not be more than 1 byte']],
    [{ type: 'string', pattern: '(?i)^a+$' }, 'AA', []],
    [
      { type: 'number', multipleOf: 0.25 },
      1,
      ['v: Invalid value: 0: factor MultipleOf declared for v must be positive: 0'],
    ],
    [
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      1,
      ['v: Invalid value: 1: v in body should be greater than 1'],
    ],
    [
      { type: 'number', maximum: 1 },
      1e21,
      ['v: Invalid value: 1e+21: v in body should be less than or equal to 1'],
    ],
    [
      { type: 'number', maximum: 10_000_000 },
      20_000_000.5,
      ['v: Invalid value: 2.00000005e+07: v in body should be less than or equal to 1e+07'],
    ],
    [
      { type: 'number', maximum: 10_000_000 },
      20_000_000,
      ['v: Invalid value: 20000000: v in body should be less than or equal to 10000000'],
    ],
    [{ type: 'integer', enum: [1, 2] }, 3, ['v: Unsupported value: 3: supported values: "1", "2"']],
    [{ type: 'array', maxItems: 1, items: {} }, [1, 2], ['v: Too many: 2: must have at most 1 item']],
    [
      { type: 'array', uniqueItems: true, items: {} },
      [1, 1],
      ['v: Invalid value: "": v in body shouldn\'t contain duplicates'],
    ],
    [{ type: 'object', required: ['a'] }, {}, ['v.a: Required value']],
    [
      { type: 'object', minProperties: 1 },
      {},
      ['v: Invalid value: 0: v in body should have at least 1 properties'],
    ],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      { a: 1 },
      ['v.a: Invalid value: "integer": v.a in body must be of type string: "integer"'],
    ],
    [{ not: { enum: ['x'] } }, 'x', ['<nil>: Invalid value: "": "v" must not validate the schema (not)']],
    [
      { anyOf: [{ minimum: 10 }, { maximum: 2 }] },
      5,
      [
        '<nil>: Invalid value: "": "v" must validate at least one schema (anyOf)',
        'v: Invalid value: 5: v in body should be greater than or equal to 10',
      ],
    ],
    [
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      5,
      [
        '<nil>: Invalid value: "": "v" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      { allOf: [{ minLength: 3 }, { pattern: '^a' }] },
      'ab',
      [
        'v: Invalid value: "ab": v in body should be at least 3 chars long',
        '<nil>: Invalid value: "": "v" must validate all the schemas (allOf)',
      ],
    ],
  ])('of %o is told what is wrong with %o', (schema, value, errors) => {
    expect(found(schema, value)).toEqual(errors);
  });

  it('may stay wrong, wherever it is, as long as it does not change', () => {
    const schema = { type: 'object', properties: { a: { maxLength: 1 }, b: { maxLength: 1 } } };
    expect(found(schema, { a: 'xx', b: 'y' }, { a: 'xx', b: 'z' })).toEqual([]);
    expect(found(schema, { a: 'xx', b: 'yy' }, { a: 'xx', b: 'z' })).toEqual([
      'v.b: Too long: may not be more than 1 byte',
    ]);
  });
});

it('finds what stands twice in sets and list maps', () => {
  const schema = readCustomSchema({
    properties: {
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: {} },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a', 'b'],
        items: { type: 'object' },
      },
    },
  });
  const errors = listErrors(
    {
      set: [1, 2, 1, 1],
      map: [
        { a: 1, c: 2 },
        { a: 1, c: 3 },
      ],
    },
    schema,
  );
  expect(errors.map((error) => `${error.field}: ${errorBody(error)}`)).toEqual([
    'set[2]: Duplicate value: 1',
    'map[1]: Duplicate value: {"a":1}',
  ]);
});

it('wants objects inside of objects to say what they are', () => {
  const schema = readCustomSchema({
    properties: { pod: { type: 'object', 'x-kubernetes-embedded-resource': true } },
  });
  const fields = (pod: JsonObject) => embeddedErrors({ pod }, schema).map(({ field }) => field);
  expect(fields({})).toEqual(['pod.apiVersion', 'pod.kind']);
  expect(fields({ apiVersion: 'a/b/c', kind: 'a b', metadata: { name: 'a/b' } })).toEqual([
    'pod.apiVersion',
    'pod.kind',
    'pod.metadata.name',
  ]);
  expect(fields({ apiVersion: 'v1', kind: 'Pod', metadata: {} })).toEqual([]);
});

it('wants counts where scales look for them', () => {
  const paths = { specReplicas: '.spec.n', statusReplicas: '.status.n', labelSelector: '.status.s' };
  const object = (more: JsonObject) => ({ apiVersion: 'a/v1', kind: 'A', metadata: {}, ...more });
  const words = (more: JsonObject) =>
    [...scaleSpecErrors(object(more), paths), ...scaleStatusErrors(object(more), paths)].map(errorBody);
  expect(words({ spec: { n: 3 }, status: {} })).toEqual([]);
  expect(words({ spec: { n: -1 }, status: { n: 2 ** 31, s: 7 } })).toEqual([
    'Invalid value: -1: should be a non-negative integer',
    'Invalid value: 2147483648: should be less than or equal to 2147483647',
    'Invalid value: "": .status.s accessor error: 7 is of the type int64, expected string',
  ]);
  expect(words({ spec: 'x' })).toEqual([
    'Invalid value: 0: .spec.n accessor error: x is of the type string, expected map[string]interface{}',
  ]);
});
