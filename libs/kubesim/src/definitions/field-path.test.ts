import { expect, test } from 'vitest';
import { followPath } from './field-path.ts';

const schema = {
  properties: {
    spec: {
      properties: {
        model: { type: 'string' },
        labels: { additionalProperties: { type: 'integer' } },
        'a.b': { type: 'boolean' },
      },
    },
  },
};

test.each([
  ['.spec.model', 'string'],
  ['.spec.labels.any', 'integer'],
  [".spec['a.b']", 'boolean'],
  [".spec.labels['x/y.z']", 'integer'],
])('%s leads to a field', (path, type) => {
  expect(followPath(path, schema, true)).toMatchObject({ ok: true, schema: { type } });
});

test.each([
  ['.spec.other', 'does not refer to a valid field'],
  ['.spec.model.more', 'does not refer to a valid field'],
  ['spec', 'expected [ or . but got: spec'],
  ['.spec.', 'unexpected end of JSON path'],
  ['.spec[model]', 'expected single quoted string but got model'],
  [".spec['model'", 'unexpected end of JSON path'],
])('%s leads nowhere, and why is told', (path, problem) => {
  expect(followPath(path, schema, true)).toEqual({ ok: false, problem });
});

test('brackets are refused where only plain names may stand', () => {
  expect(followPath(".spec['model']", schema, false)).toEqual({
    ok: false,
    problem: 'array notation is not allowed',
  });
});
