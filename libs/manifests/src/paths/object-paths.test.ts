import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPlaces, parseJqPath, parseJsonPointer } from './object-paths.ts';
import type { ParsedPath } from './object-paths.ts';

const object = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web', 'x.io/a': '1', 'x.io/b': '2' } },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'web:1', env: [{ name: 'A', value: 'a' }] },
          { name: 'mesh-proxy', image: 'mesh:1' },
        ],
      },
    },
  },
};

function found(parsed: ParsedPath, value: Parameters<typeof findPlaces>[0] = object): readonly string[] {
  if (!parsed.ok) throw new Error(parsed.message);
  const places = findPlaces(value, [parsed.path]);
  if (!places.ok) throw new Error('too costly');
  return places.places.map((place) => place.join('/'));
}

const containers = 'spec/template/spec/containers';

describe('an expression of jq', () => {
  test.each([
    ['.spec.replicas', ['spec/replicas']],
    ['.spec["replicas"]', ['spec/replicas']],
    ['.metadata.labels."x.io/a"', ['metadata/labels/x.io/a']],
    ['.spec.absent.deep', ['spec/absent/deep']],
    ['.spec.template.spec.containers[0].image', [`${containers}/0/image`]],
    ['.spec.template.spec.containers[-1].image', [`${containers}/1/image`]],
    ['.spec.template.spec.containers[].image', [`${containers}/0/image`, `${containers}/1/image`]],
    ['.spec.template.spec.containers[] | select(.name == "mesh-proxy")', [`${containers}/1`]],
    [
      '.spec.template.spec.containers[] | select(.name | startswith("mesh-")) | .image',
      [`${containers}/1/image`],
    ],
    ['.spec.template.spec.containers[]?.env[]? | select(.name=="A").value', [`${containers}/0/env/0/value`]],
    ['.spec.template.spec.containers[] | select(any(.env[]?; .name == "A"))', undefined],
    ['.spec.template.spec.containers[] | select(.env | any(.name == "A"))', [`${containers}/0`]],
    ['.spec.template.spec.containers[] | select(has("env") | not)', [`${containers}/1`]],
    [
      '.spec.template.spec.containers[] | select(.image | endswith(":1") and contains("sh"))',
      [`${containers}/1`],
    ],
    [
      '.metadata.labels[.metadata.labels | keys[] | select(startswith("x.io/"))]',
      ['metadata/labels/x.io/a', 'metadata/labels/x.io/b'],
    ],
    ['.spec | .replicas, .paused', ['spec/replicas', 'spec/paused']],
    ['.spec.paused // .spec.replicas', ['spec/replicas']],
    ['.. | .image? | strings', [`${containers}/0/image`, `${containers}/1/image`]],
    ['first(.spec.template.spec.containers[]).env', [`${containers}/0/env`]],
    ['.spec.replicas[]', []],
    ['.spec | select(.replicas > 2 and .replicas <= 3) | .replicas', ['spec/replicas']],
  ])('%s finds its places', (text, places) => {
    if (places === undefined) expect(parseJqPath(text)).toMatchObject({ ok: false });
    else expect(found(parseJqPath(text))).toEqual(places);
  });

  test.each([
    ['.spec.foo-bar', /"-" is not understood \(column 10\)/, /in quotes/],
    ['/spec/replicas', /"\/" is not understood \(column 1\)/, /jsonPointers/],
    ['del(.spec)', /del is not understood \(column 1\)/, /without del/],
    ['.a | test("(a+)+$")', /test is not understood \(column 6\)/, /startswith/],
    ['.a | selct(.b)', /selct is not understood/, /did you mean select/],
    ['.spec.replicas == 3', /gives a value, not a place/, /field that is meant/],
    ['.spec | keys', /gives a value, not a place/, /./],
    ['.spec[1:2]', /slices are not understood/, /indexes/],
    ['.spec |', /its end is not expected here \(column 8\)/, undefined],
    ['.spec[', /its end is not expected here/, undefined],
    ['def f: f; f', /def is not understood/, /known are/],
    ['.spec as $x | .a', /"\$" is not understood/, /no variables/],
    ['"\\(.spec)"', /is no text/, /JSON/],
    ['.. | .. | .. | .a', /\.\. stands in it more than 2 times \(column 11\)/, /fields between/],
    [`${'('.repeat(60)}.a${')'.repeat(60)}`, /nested deeper than 20/, undefined],
    ["'.a'", /is not understood/, /only places/],
    [`.a${'.a'.repeat(600)}`, /longer than 1024/, undefined],
    ['select(.a;.b)', /\) is missing/, undefined],
    ['select', /select takes 1 argument/, undefined],
  ])('%s is refused with its column and what to do', (text, message, fix) => {
    const parsed = parseJqPath(text);
    if (parsed.ok) throw new Error('it was taken');
    expect(parsed.message).toMatch(message);
    if (fix) expect(parsed.fix).toMatch(fix);
  });

  test.each([
    '.',
    '..',
    '.[]',
    '.kind',
    '.apiVersion | select(. == "v1")',
    '.metadata',
    '.metadata.name',
    '.metadata[]',
    '.["metadata"].namespace',
    '.spec, .kind',
    '.absent // .kind',
    '.metadata.labels["meridian.dev/application"]',
    '.. | .name',
    'recurse',
    '.. | .metadata',
    'first(.)',
    '. | select(.kind == "Pod")',
  ])('%s is refused, because an object is known by what it means', (text) => {
    expect(parseJqPath(text)).toMatchObject({
      ok: false,
      message: expect.stringContaining('is known') as string,
    });
  });

  test.each([
    '.metadata.labels',
    '.metadata.labels[]',
    '.spec.template.metadata.name',
    '.. | select(.x? == 1)',
  ])('%s is taken', (text) => expect(parseJqPath(text)).toMatchObject({ ok: true }));

  test('with more alternatives than are looked at is refused for that', () => {
    const pairs = (count: number) => Array.from({ length: count }, () => '(.a, .b)').join(' | ');
    expect(parseJqPath(pairs(8))).toMatchObject({ ok: true });
    expect(parseJqPath(pairs(9))).toEqual({
      ok: false,
      message: 'it means more than 256 alternatives, counted with those that commas multiply',
      fix: 'write several shorter expressions',
    });
  });

  test('that would take for ever is ended, and said to be too costly', () => {
    const wide = { spec: Array.from({ length: 3_000 }, (_, index) => ({ index, more: [index] })) };
    const parsed = parseJqPath('.. | select(.. == 9).x');
    if (!parsed.ok) throw new Error(parsed.message);
    expect(findPlaces({ a: wide, b: wide, c: { d: wide } }, [parsed.path])).toEqual({
      ok: false,
      text: '.. | select(.. == 9).x',
    });
  });

  test('that finds more places than there is room for is too costly as well', () => {
    const parsed = parseJqPath('.a | select(.[] == .[]).b');
    if (!parsed.ok) throw new Error(parsed.message);
    const places = findPlaces({ a: Array.from({ length: 150 }, () => 1) }, [parsed.path]);
    expect(places).toEqual({ ok: true, places: [] });
    const many = parseJqPath('.a | select(.c[] == .c[]).b');
    if (!many.ok) throw new Error(many.message);
    expect(findPlaces({ a: { c: Array.from({ length: 150 }, () => 1) } }, [many.path])).toMatchObject({
      ok: false,
    });
  });

  test('of any text ends in places or a refusal', () => {
    const words = [
      '.',
      '..',
      '.a',
      '[',
      ']',
      '(',
      ')',
      '|',
      ',',
      '//',
      'select',
      'first',
      '"a"',
      '0',
      '==',
      'and',
      '?',
      'keys',
      '.b',
      'not',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 14 }), (parts) => {
        const parsed = parseJqPath(parts.join(' '));
        if (parsed.ok) findPlaces({ a: { b: [1, { a: 2 }] }, b: null }, [parsed.path]);
        else expect(parsed.message).not.toBe('');
      }),
    );
  });
});

describe('what is hostile', () => {
  const nested = (depth: number) =>
    JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as { readonly a: never };
  const many = Array.from({ length: 5 }, () => '(.,.,.,.)').join('|');

  test.each([
    ['the length of a huge text, again and again', 'length', 'x'.repeat(100_000)],
    ['the keys of a huge list', 'keys', Array.from({ length: 5_000 }, () => 0)],
    [
      'the length of a huge map',
      'length',
      Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [i, 0])),
    ],
  ])('%s costs as much as it is long', (_, name, big) => {
    const parsed = parseJqPath(`.spec | select(${many} | .big | ${name} == 1)`);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(findPlaces({ spec: { big } }, [parsed.path])).toMatchObject({ ok: false });
    expect(findPlaces({ spec: { big: 'short' } }, [parsed.path])).toMatchObject({ ok: true });
  });

  test('places deep down cost as much as they are long, for each is kept', () => {
    const parsed = parseJqPath('.a | ..');
    if (!parsed.ok) throw new Error(parsed.message);
    expect(findPlaces(nested(100), [parsed.path])).toMatchObject({ ok: true });
    expect(findPlaces(nested(2_900), [parsed.path])).toMatchObject({ ok: false });
  });

  test.each(['.a | ..', '.a | select(contains(.))'])('%s ends on what is deeper than the stack', (text) => {
    const parsed = parseJqPath(text);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(findPlaces(nested(20_000), [parsed.path])).toMatchObject({ ok: false, text });
  });
});

describe('a JSON pointer', () => {
  test.each([
    ['/spec/replicas', ['spec/replicas']],
    ['/metadata/labels/x.io~1a', ['metadata/labels/x.io/a']],
    ['/spec/template/spec/containers/1/image', [`${containers}/1/image`]],
  ])('%s finds its place', (text, places) => expect(found(parseJsonPointer(text))).toEqual(places));

  test('with a number means a field of this name as well as an item', () => {
    expect(found(parseJsonPointer('/data/8080'), { data: { '8080': 'a' } })).toEqual(['data/8080']);
  });

  test.each(['', 'spec/replicas', '/spec/~2', '.spec.replicas'])('%j is refused as none', (text) => {
    expect(parseJsonPointer(text)).toMatchObject({
      ok: false,
      message: expect.stringContaining('no JSON pointer') as string,
    });
  });

  test.each(['/kind', '/metadata', '/metadata/name', '/metadata/labels/meridian.dev~1application'])(
    '%s is refused, because an object is known by what it means',
    (text) =>
      expect(parseJsonPointer(text)).toMatchObject({
        ok: false,
        message: expect.stringContaining('is known') as string,
      }),
  );
});
