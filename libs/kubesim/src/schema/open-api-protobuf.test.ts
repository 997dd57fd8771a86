import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { openApiToProtobuf } from './open-api-protobuf.ts';

type Field = readonly [number: number, value: number | Buffer];

function readVarint(bytes: Buffer, from: number): [value: number, next: number] {
  let value = 0;
  for (let at = from, unit = 1; ; at += 1, unit *= 0x80) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return [value, at + 1];
  }
}

function fieldsOf(bytes: Buffer): Field[] {
  const found: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, afterTag] = readVarint(bytes, at);
    const number = Math.floor(tag / 8);
    if (tag % 8 === 1) {
      found.push([number, bytes.readDoubleLE(afterTag)]);
      at = afterTag + 8;
      continue;
    }
    const [value, next] = readVarint(bytes, afterTag);
    const end = tag % 8 === 2 ? next + value : next;
    found.push([number, tag % 8 === 2 ? bytes.subarray(next, end) : value]);
    at = end;
  }
  return found;
}

/** What lies at a path of field numbers, as often as it is there; texts and numbers as they are. */
function at(bytes: Buffer, ...path: number[]): (string | number)[] {
  const [first, ...rest] = path;
  const here = fieldsOf(bytes).flatMap(([number, value]) => (number === first ? [value] : []));
  return here.flatMap((value) => {
    if (typeof value === 'number') return [value];
    return rest.length === 0 ? [value.toString()] : at(value, ...rest);
  });
}

const schemaOf = (schema: JsonObject) => {
  const bytes = openApiToProtobuf({ definitions: { it: schema } });
  return (...path: number[]) => at(bytes, 9, 1, 2, ...path);
};

test('a string is its tag, its length and its bytes', () => {
  expect(openApiToProtobuf({ swagger: '2.0' }).toString('hex')).toBe('0a03322e30');
});

test('a text longer than 127 bytes has a length of two', () => {
  const swagger = 'x'.repeat(300);
  expect(at(openApiToProtobuf({ swagger }), 1)).toEqual([swagger]);
});

describe('a schema', () => {
  test('has its name, type, properties and what is required', () => {
    const bytes = openApiToProtobuf({
      definitions: {
        'io.k8s.Pod': {
          type: 'object',
          required: ['a', 'b'],
          properties: { a: { $ref: '#/definitions/x' } },
        },
      },
    });
    expect(at(bytes, 9, 1, 1)).toEqual(['io.k8s.Pod']);
    expect(at(bytes, 9, 1, 2, 22, 1)).toEqual(['object']);
    expect(at(bytes, 9, 1, 2, 19)).toEqual(['a', 'b']);
    expect(at(bytes, 9, 1, 2, 25, 1, 1)).toEqual(['a']);
    expect(at(bytes, 9, 1, 2, 25, 1, 2, 1)).toEqual(['#/definitions/x']);
  });

  test('has items and additional properties of their own', () => {
    const read = schemaOf({ items: { type: 'string' }, additionalProperties: { format: 'int32' } });
    expect(read(23, 1, 22, 1)).toEqual(['string']);
    expect(read(21, 1, 2)).toEqual(['int32']);
    expect(schemaOf({ additionalProperties: true })(21, 2)).toEqual([1]);
  });

  test('has bounds, and leaves out what is as good as absent', () => {
    const read = schemaOf({ maximum: 0.5, maxLength: 70_000, minimum: 0, uniqueItems: false });
    expect([read(7), read(11), read(9), read(16)]).toEqual([[0.5], [70_000], [], []]);
  });

  test('has its extensions and values as YAML', () => {
    const read = schemaOf({ 'x-kubernetes-list-type': 'map', enum: ['a'], default: { b: 1 }, unknown: 1 });
    expect(read(31, 1)).toEqual(['x-kubernetes-list-type']);
    expect(read(31, 2, 2)).toEqual(['"map"']);
    expect(read(20, 2)).toEqual(['"a"']);
    expect(read(5, 2)).toEqual(['{"b":1}']);
  });
});

test('an operation has parameters by their place or by reference, and answers by their code', () => {
  const parameters: Json[] = [
    { in: 'body', name: 'body', required: true, schema: { type: 'object' } },
    { in: 'query', name: 'limit', type: 'integer', uniqueItems: true },
    { in: 'path', name: 'name', required: true },
    { $ref: '#/parameters/pretty' },
  ];
  const responses = { 200: { description: 'OK', schema: { type: 'string' } } };
  const bytes = openApiToProtobuf({
    paths: { '/api/': { get: { operationId: 'get', parameters, responses } } },
  });
  const read = (...path: number[]) => at(bytes, 8, 2, 2, 2, ...path);
  expect(at(bytes, 8, 2, 1)).toEqual(['/api/']);
  expect(read(5)).toEqual(['get']);
  expect(read(8, 1, 1, 2)).toEqual(['body']);
  expect(read(8, 1, 1, 5, 22, 1)).toEqual(['object']);
  expect(read(8, 1, 2, 3, 4)).toEqual(['limit']);
  expect(read(8, 1, 2, 3, 20)).toEqual([1]);
  expect(read(8, 1, 2, 4, 4)).toEqual(['name']);
  expect(read(8, 2, 1)).toEqual(['#/parameters/pretty']);
  expect(read(9, 1, 1)).toEqual(['200']);
  expect(read(9, 1, 2, 1, 2, 1, 22, 1)).toEqual(['string']);
});

test('how a client names itself is told', () => {
  const bytes = openApiToProtobuf({
    security: [{ BearerToken: [] }],
    securityDefinitions: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
  });
  expect(at(bytes, 12, 1, 1)).toEqual(['BearerToken']);
  expect(at(bytes, 13, 1, 2, 2, 2)).toEqual(['authorization']);
});
