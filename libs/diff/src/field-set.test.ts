import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { fieldsOwnedBy } from './field-set.ts';
import { projectFields } from './project.ts';

const configMap = (name: string, key = 'a'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    managedFields: [
      { manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:data': { 'f:other': {} } } },
      { manager: 'meridian', operation: 'Apply', subresource: 'status', fieldsV1: { 'f:status': {} } },
      { manager: 'meridian', operation: 'Update', fieldsV1: { 'f:data': { 'f:updated': {} } } },
      { manager: 'meridian', operation: 'Apply', fieldsV1: { 'f:data': { [`f:${key}`]: {} } } },
    ],
  },
  data: { [key]: name },
});

const owned = (object: KubeObject) => fieldsOwnedBy(object, 'meridian');

describe('fieldsOwnedBy', () => {
  it('gives what a manager has applied, and not what it has updated or applied to a subresource', () => {
    const fields = owned(configMap('one'));
    expect(fields && [...projectFields(configMap('one'), fields).keys()]).toEqual(['data.a']);
    expect(fieldsOwnedBy(configMap('one'), 'somebody')).toBeUndefined();
  });

  it('gives objects of which the same fields are owned one set between them, whose places they share', () => {
    const [one, two] = [configMap('one'), configMap('two')];
    const fields = owned(one);
    expect(owned(two)).toBe(fields);
    expect(owned(configMap('three', 'b'))).not.toBe(fields);
    const [first, second] = [one, two].map((object) => fields && projectFields(object, fields).get('data.a'));
    expect(first?.elements).toBe(second?.elements);
    expect([first?.value, second?.value]).toEqual(['"one"', '"two"']);
  });

  it('remembers a bounded amount of sets, and gives an equal one of those that it has forgotten', () => {
    const before = owned(configMap('one', 'forgotten'));
    const long = 'x'.repeat(1_000);
    for (let index = 0; index < 300; index += 1) owned(configMap('other', `${long}${index}`));
    const after = owned(configMap('one', 'forgotten'));
    expect(after).not.toBe(before);
    expect(after).toEqual(before);
  });

  it('takes what is no set of fields for an empty one', () => {
    const managedFields = [{ manager: 'meridian', operation: 'Apply' }];
    expect(owned({ ...configMap('one'), metadata: { name: 'one', managedFields } })).toEqual({
      self: false,
      children: new Map(),
    });
  });
});
