import type { LocatedError } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import type { Resource } from '../resources/resource.ts';
import { at, object, refusalOf, testStep } from '../testing/objects.ts';
import { Scalar, type Fields } from '../values/value.ts';
import { expanded } from './expand.ts';
import { resolveVars, varOf, withVarSources } from './vars.ts';

const place = { file: 'kustomization.yaml' };
const source = { kind: 'ConfigMap', apiVersion: 'v1', name: 'src' };
const specs = [
  fieldSpec('spec/text', 'Widget'),
  fieldSpec('spec/list', 'Widget'),
  fieldSpec('spec/map', 'Widget'),
];

function resolved(
  data: Fields,
  spec: Fields,
  { fieldPath = 'data.a', warnings = [] as LocatedError[] } = {},
): Resource | undefined {
  const vars = [varOf({ name: 'A', objref: source, fieldref: { fieldPath } }, place)];
  const marked = withVarSources(
    [object('v1 ConfigMap src', { data }), object('v1 Widget w', { spec })],
    vars,
  );
  return resolveVars(marked, vars, specs, testStep('5.5', warnings))[1];
}
const textWith = (a: Fields[string], text: string): unknown => {
  const after = resolved({ a }, { text });
  return after && at(after, 'spec/text');
};

describe('text with references', () => {
  it.each([
    ['$(A)', '1'],
    ['x$(A)y$(A)', 'x1y1'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$(B)', '$(B)'],
    ['$(A', '$(A'],
    ['cost: 5$', 'cost: 5$'],
    ['$x $(A)', '$x 1'],
    ['$()', '$()'],
    ['$($(A)', '$($(A)'],
    // Kustomize cuts the character behind the dollar sign, and writes what is no UTF-8 any more as base64.
    ['x$é$(A)', 'eCTDg6kx'],
  ])('%s expands to %s', (text, after) => {
    expect(expanded(text, (name) => (name === 'A' ? '1' : undefined))).toBe(after);
  });
});

describe('vars', () => {
  it('keep the type of a value where the field is nothing else', () => {
    expect(textWith(12, '$(A)')).toBe(12);
    expect(textWith(true, '$(A)')).toBe(true);
    expect(textWith('12', '$(A)')).toBe('12');
    expect(textWith(12, 'port $(A)')).toBe('port 12');
  });

  it('read integers in decimal and floats with an exponent, as kustomize does', () => {
    expect(textWith(new Scalar('!!int', '0777'), '$(A)')).toBe(777);
    expect(textWith(new Scalar('!!float', '1e7'), '$(A)')).toEqual(new Scalar('!!float', '10000000'));
    expect(textWith(new Scalar('!!float', '1e7'), 'x$(A)')).toBe('x1e+07');
    expect(refusalOf(() => textWith(new Scalar('!!int', '0x10'), '$(A)'))).toContain(
      'cannot take the field data.a',
    );
  });

  it('take dates and nulls for text', () => {
    expect(textWith(new Scalar('!!timestamp', '2001-01-01'), '$(A)')).toBe('2001-01-01');
    expect(textWith(null, '$(A)')).toBe('null');
  });

  it('are replaced in lists and mappings of text', () => {
    const after = resolved({ a: 'x' }, { list: ['$(A)', 'b'], map: { k: '$(A)!', n: 5 } });
    expect(after && at(after, 'spec')).toEqual({ list: ['x', 'b'], map: { k: 'x!', n: 5 } });
    expect(refusalOf(() => resolved({ a: 'x' }, { list: [5] }))).toContain(
      'every item of the list must be text',
    );
  });

  it('stay as they are written when their value is a mapping, with a warning', () => {
    const warnings: LocatedError[] = [];
    const after = resolved({}, { text: '$(A)' }, { fieldPath: 'data', warnings });
    expect(after && at(after, 'spec/text')).toBe('$(A)');
    expect(warnings.map(({ message }) => message)).toEqual([
      'the var A is a mapping or a list, so $(A) stays as it is written',
    ]);
  });

  it('that are never used are warned of', () => {
    const warnings: LocatedError[] = [];
    resolved({ a: 'x' }, {}, { warnings });
    expect(warnings.map(({ message }) => message)).toEqual(['the var A is never used']);
  });

  it('find items of lists and the name of an object by default', () => {
    const list = { l: [{ a: 'x' }, { a: 'y', name: 'k' }] };
    for (const fieldPath of ['data.l[1].a', 'data.l.1.a', 'data.l.[name=k].a']) {
      const after = resolved(list, { text: '$(A)' }, { fieldPath });
      expect(after && at(after, 'spec/text')).toBe('y');
    }
    const named = resolved({}, { text: '$(A)' }, { fieldPath: '' });
    expect(named && at(named, 'spec/text')).toBe('src');
  });

  it('are refused when their object or field is not there', () => {
    expect(refusalOf(() => resolved({}, { text: '$(A)' }))).toContain(
      'cannot take the field data.a of ConfigMap src',
    );
    const lost = [varOf({ name: 'A', objref: { kind: 'ConfigMap', name: 'src' } }, place)];
    // Without a version it is no object that a build can have.
    const marked = withVarSources([object('v1 ConfigMap src')], lost);
    expect(refusalOf(() => resolveVars(marked, lost, specs, testStep()))).toContain('which does not exist');
  });

  it('are refused when two objects may be meant', () => {
    const both = [object('v1 ConfigMap a/src'), object('v1 ConfigMap b/src')];
    const [any, one] = ['', 'a'].map((namespace) =>
      varOf({ name: 'A', objref: { ...source, namespace } }, place),
    );
    if (!any || !one) throw new Error('gone');
    expect(refusalOf(() => withVarSources(both, [any]))).toContain('could mean 2 objects');
    expect(withVarSources(both, [one]).map(({ vars }) => vars)).toEqual([['A'], []]);
  });
});
