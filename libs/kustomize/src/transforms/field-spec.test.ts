import { describe, expect, it } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import { idOf } from '../resources/resource.ts';
import { object, refusalOf, testStep } from '../testing/objects.ts';
import type { Fields, Value } from '../values/value.ts';
import { changeFields, compileSpecs, type FieldChange } from './field-spec.ts';

function changed(
  path: string,
  fields: Fields,
  options: Partial<FieldChange> & { create?: boolean } = {},
): Value {
  const { create = false, makes = 'nothing', set = (): Value => 'set' } = options;
  const resource = object('v1 Widget w', fields);
  const specs = compileSpecs([fieldSpec(path, '', create)]).forKind(idOf(resource));
  const {
    apiVersion: _a,
    kind: _k,
    metadata: _m,
    ...rest
  } = changeFields(resource, specs, { makes, set }, testStep()).fields;
  return rest;
}

describe('a field spec', () => {
  it('goes through lists, whether the path says so or not', () => {
    const fields = { spec: { items: [{ a: 1 }, { b: 2 }, [{ a: 3 }]] } };
    const after = { spec: { items: [{ a: 'set' }, { b: 2 }, [{ a: 'set' }]] } };
    expect(changed('spec/items/a', fields)).toEqual(after);
    expect(changed('spec/items[]/a', fields)).toEqual(after);
  });

  it('has slashes inside of a step behind a backslash', () => {
    expect(changed('notes/example.com\\/a', { notes: { 'example.com/a': 1 } })).toEqual({
      notes: { 'example.com/a': 'set' },
    });
  });

  it('makes what is missing only when it may', () => {
    expect(changed('spec/a/b', {}, { makes: 'scalar' })).toEqual({});
    expect(changed('spec/a/b', {}, { makes: 'scalar', create: true })).toEqual({ spec: { a: { b: 'set' } } });
    expect(changed('spec/a/b', {}, { makes: 'nothing', create: true })).toEqual({});
  });

  it('never makes a list, nor anything in one that is not there', () => {
    expect(changed('spec/a[]/b', {}, { makes: 'scalar', create: true })).toEqual({ spec: {} });
  });

  it('makes a null on the way what it wants there', () => {
    const creating = {
      makes: 'mapping',
      create: true,
      set: (value: Value = 'made'): Value => value,
    } as const;
    expect(changed('spec/a', { spec: null }, creating)).toEqual({ spec: { a: {} } });
    expect(changed('spec/a', { spec: { a: null } }, creating)).toEqual({ spec: { a: {} } });
    expect(changed('spec/a[]/b', { spec: { a: null } })).toEqual({ spec: { a: [] } });
    expect(changed('spec/a/b', { spec: { a: null } })).toEqual({ spec: { a: null } });
  });

  it('gives the very same object when nothing changes', () => {
    const resource = object('v1 Widget w', { spec: { a: [{ b: 1 }] } });
    const specs = compileSpecs([fieldSpec('spec/a/b'), fieldSpec('spec/c')]).forKind(idOf(resource));
    const change: FieldChange = { makes: 'nothing', set: (value = null) => value };
    expect(changeFields(resource, specs, change, testStep())).toBe(resource);
  });

  it.each([
    ['spec/a', { spec: 'text' }, 'there is a scalar on the way'],
    ['spec//a', { spec: {} }, 'the path has an empty step'],
    ['spec/0', { spec: { '0': 1 } }, 'the step 0 is an item of a list'],
    ['spec/*', { spec: {} }, 'the step * is an item of a list'],
    ['spec/__proto__', { spec: {} }, 'the step __proto__ cannot be used'],
    [`a${'/a'.repeat(200)}`, { a: 1 }, 'the path has more than 100 steps'],
  ])('is refused at %s in %j', (path, fields, message) => {
    expect(refusalOf(() => changed(path, fields))).toContain(message);
  });

  it('is passed over where the object ends before a wrong step', () => {
    expect(changed('spec/a/0', { spec: {} })).toEqual({ spec: {} });
  });

  it('is found by group, version and kind', () => {
    const specs = compileSpecs([
      fieldSpec('a', 'Widget..example.com'),
      fieldSpec('b', 'Widget'),
      fieldSpec('c', '.v2'),
    ]);
    const paths = (apiVersion: string): string[] =>
      specs.forKind(idOf(object(`${apiVersion} Widget w`))).map(({ spec }) => spec.path);
    expect(paths('example.com/v1')).toEqual(['a', 'b']);
    expect(paths('other.com/v2')).toEqual(['b', 'c']);
  });
});
