import { describe, expect, it } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import { pastIdsOf, type Resource } from '../resources/resource.ts';
import { at, object, testStep } from '../testing/objects.ts';
import { plainOf } from '../values/plain.ts';
import { Scalar } from '../values/value.ts';
import { applyPrefix, applySuffix } from './affixes.ts';

const fieldSpecs = [fieldSpec('metadata/name')];
const prefixed = (resource: Resource, prefix = 'p-'): Resource =>
  applyPrefix([resource], { prefix, fieldSpecs }, testStep())[0] ?? resource;

describe('a prefix or suffix', () => {
  it('is put on names, and remembered with the former name', () => {
    const after = prefixed(object('v1 Secret s'));
    expect(at(after, 'metadata/name')).toBe('p-s');
    expect(after.prefixes).toEqual(['p-']);
    expect(pastIdsOf(after)).toMatchObject([{ name: 's', namespace: 'default' }]);
    const [suffixed] = applySuffix([after], { suffix: '-x', fieldSpecs }, testStep());
    expect(suffixed && at(suffixed, 'metadata/name')).toBe('p-s-x');
    expect(suffixed?.suffixes).toEqual(['-x']);
  });

  it.each([
    ['apiextensions.k8s.io/v1 CustomResourceDefinition n', 'n'],
    ['v1 Namespace n', 'n'],
    ['example.com/v1 Namespace n', 'n'],
    ['apiregistration.k8s.io/v1 APIService n', 'n'],
    ['example.com/v1 APIService n', 'p-n'],
  ])('makes of the name of %s the name %s', (id, name) => {
    expect(at(prefixed(object(id)), 'metadata/name')).toBe(name);
  });

  it('that is empty changes nothing', () => {
    const resources = [object('v1 Secret s')];
    expect(applyPrefix(resources, { prefix: '', fieldSpecs }, testStep())).toBe(resources);
  });

  it('makes a number of a name that looks like one, unless quotes keep it a text', () => {
    const number = prefixed(object('v1 Secret s', { metadata: { name: 7 } }), '1');
    expect(plainOf(number.fields)).toMatchObject({ metadata: { name: 17 } });
    expect(at(prefixed(object('v1 Secret s', { metadata: { name: '7' } }), '1'), 'metadata/name')).toBe('17');
    const octal = object('v1 Secret s', { metadata: { name: new Scalar('!!int', '07') } });
    expect(at(prefixed(octal, 'n'), 'metadata/name')).toBe('n07');
  });

  it('counts twice when there is a comma in it, as kustomize keeps the list as one text', () => {
    expect(prefixed(object('v1 Secret s'), 'a,b').prefixes).toEqual(['a', 'b']);
  });

  it('can be put on other fields, of the kind that an object was loaded as', () => {
    const config = { prefix: 'p-', fieldSpecs: [fieldSpec('spec/title', 'Widget', true)] };
    const [widget, other] = applyPrefix(
      [object('v1 Widget w', { spec: {} }), object('v1 Secret s', { spec: { title: 't' } })],
      config,
      testStep(),
    );
    expect(widget && at(widget, 'spec/title')).toBe('p-');
    expect(widget?.past).toEqual([]);
    expect(other && at(other, 'spec/title')).toBe('t');
  });
});
