import { expect, it } from 'vitest';
import { accepted } from './accept.ts';

it('answers in JSON when nothing is said', () => {
  expect(accepted(undefined)).toEqual({ format: 'json' });
});

it('picks what the client likes best, and the first of what it likes alike', () => {
  expect(accepted('application/json;q=0.5, application/yaml;q=0.9')).toEqual({ format: 'yaml' });
  expect(accepted('text/html, application/yaml, application/json')).toEqual({ format: 'yaml' });
});

it('shows tables only in the version that it serves', () => {
  expect(accepted('application/json;as=Table;g=meta.k8s.io;v=v1')).toEqual({ format: 'json', as: 'Table' });
  expect(() => accepted('application/json;as=Table;g=meta.k8s.io;v=v9')).toThrow(
    'only the following media types',
  );
});

it('says which forms a route has when it knows none of those that are asked for', () => {
  expect(() => accepted('text/csv', false)).toThrow(/protobuf$/);
  expect(() => accepted('text/csv', true)).toThrow(/stream=watch$/);
});
