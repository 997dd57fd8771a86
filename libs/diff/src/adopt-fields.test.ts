import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { adoptFields } from './adopt-fields.ts';

const adoption = { by: 'meridian', isAdopted: (manager: string) => manager === 'old' };

const entry = (manager: string, fieldsV1: Json, changes: { readonly [field: string]: Json } = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...changes,
});

const own = (fieldsV1: Json) => entry('meridian', fieldsV1, { operation: 'Apply' });

const object = (...managedFields: readonly Json[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', managedFields },
});

describe('fields of another manager that are taken over', () => {
  it('join ours, and the entry they came from goes', () => {
    const found = adoptFields(
      object(
        own({ 'f:data': { 'f:a': {} } }),
        entry('old', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } }),
        entry('other', { 'f:data': { 'f:c': {} } }),
      ),
      adoption,
    );
    expect(found).toEqual([
      own({ 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } }),
      entry('other', { 'f:data': { 'f:c': {} } }),
    ]);
  });

  it('keep apart an item that is owned and one of which only fields are', () => {
    const leaf = { 'f:spec': { 'f:selector': {} } };
    const below = { 'f:spec': { 'f:selector': { 'f:app': {} } } };
    const both = { 'f:spec': { 'f:selector': { '.': {}, 'f:app': {} } } };
    expect(adoptFields(object(own(leaf), entry('old', below)), adoption)).toEqual([own(both)]);
    expect(adoptFields(object(own(below), entry('old', below)), adoption)).toEqual([own(below)]);
  });

  it('come from its own server-side applies too', () => {
    const applied = entry('old', { 'f:data': { 'f:b': {} } }, { operation: 'Apply' });
    expect(adoptFields(object(own({ 'f:data': { 'f:a': {} } }), applied), adoption)).toEqual([
      own({ 'f:data': { 'f:a': {}, 'f:b': {} } }),
    ]);
  });

  it('are not those of a subresource, and not those of another version', () => {
    const fields = { 'f:data': { 'f:b': {} } };
    const status = entry('old', fields, { subresource: 'status' });
    const ours = own({ 'f:data': { 'f:a': {} } });
    expect(adoptFields(object(ours, status), adoption)).toBeUndefined();
    expect(adoptFields(object(ours, entry('old', fields, { apiVersion: 'v1beta1' })), adoption)).toEqual([
      ours,
    ]);
  });

  it('are none when nobody is adopted or we have applied nothing', () => {
    const fields = { 'f:data': { 'f:b': {} } };
    expect(adoptFields(object(own(fields), entry('other', fields)), adoption)).toBeUndefined();
    expect(adoptFields(object(entry('old', fields)), adoption)).toBeUndefined();
    expect(
      adoptFields({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, adoption),
    ).toBeUndefined();
  });
});
