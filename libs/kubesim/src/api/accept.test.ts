import { expect, it } from 'vitest';
import { accepted, acceptedOfRefusal, protobuf } from './accept.ts';

it('answers in JSON when nothing is said', () => {
  expect(accepted(undefined)).toEqual({ format: 'json' });
});

it('picks what the client likes best, and the first of what it likes alike', () => {
  expect(accepted('application/json;q=0.5, application/yaml;q=0.9')).toEqual({ format: 'yaml' });
  expect(accepted('text/html, application/yaml, application/json')).toEqual({ format: 'yaml' });
});

it('shows tables only in the versions that it serves', () => {
  for (const version of ['v1', 'v1beta1']) {
    const shown = { format: 'json', as: 'Table', version: `meta.k8s.io/${version}` };
    expect(accepted(`application/json;as=Table;g=meta.k8s.io;v=${version}`)).toEqual(shown);
  }
  expect(() => accepted('application/json;as=Table;g=meta.k8s.io;v=v9')).toThrow(
    'only the following media types',
  );
});

const route = { isRoute: true, canBeWatched: true, answers: 'objects' } as const;

it('says which forms a route has when it knows none of those that are asked for', () => {
  expect(() => accepted('text/csv', { ...route, canBeWatched: false })).toThrow(/protobuf$/);
  expect(() => accepted('text/csv', route)).toThrow(/stream=watch$/);
});

it('writes protobuf of objects, but only the metadata of custom ones', () => {
  const metadata = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
  const custom = { ...route, answers: 'custom objects' } as const;
  expect(accepted(`${protobuf},application/json`, route)).toEqual({ format: 'protobuf' });
  expect(accepted(`${protobuf},application/json`, custom)).toEqual({ format: 'json' });
  expect(accepted(metadata, custom)).toMatchObject({ format: 'protobuf', as: 'PartialObjectMetadata' });
  expect(() => accepted(protobuf, custom)).toThrow('only the following media types');
});

it('takes any form of an application for JSON only where no route serves', () => {
  const custom = { ...route, answers: 'custom objects' } as const;
  expect(accepted('application/*', custom)).toEqual({ format: 'json' });
  expect(() => accepted('application/*', route)).toThrow('406: Not Acceptable');
});

it('shows no table in protobuf, and documents as nothing else', () => {
  const table = 'as=Table;g=meta.k8s.io;v=v1';
  expect(accepted(`${protobuf};${table},application/json;${table}`, route).format).toBe('json');
  expect(() => accepted(`application/json;${table}`, { ...route, answers: 'documents' })).toThrow('only');
});

it('refuses in a form that is not about objects', () => {
  expect(acceptedOfRefusal(`${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`)).toBe('json');
  expect(acceptedOfRefusal(`application/json;q=0.5,${protobuf}`)).toBe('protobuf');
  expect(acceptedOfRefusal('text/csv')).toBe('json');
});
