import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseManifests, parseYaml, toYaml, yamlLimits, type Json, type ManifestError } from './index.ts';

function valueOf(text: string): Json {
  const parsed = parseYaml(text, 'file.yaml');
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  return parsed.documents[0]?.value ?? null;
}

function errorOf(text: string): ManifestError {
  const parsed = parseYaml(text, 'file.yaml');
  if ('documents' in parsed) throw new Error('the text was accepted');
  expect(parsed.errors[0]?.file).toBe('file.yaml');
  return parsed.errors[0]!;
}

describe('hostile YAML', () => {
  test('an alias bomb is refused where it passes the limit, without being expanded', () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let level = 1; level < 10; level += 1) {
      bomb += `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]\n`;
    }
    const result = errorOf(bomb);
    expect(result).toMatchObject({ line: 6, message: expect.stringContaining('more than 500000 values') });
  });

  test('a merge key that copies thousands of keys thousands of times is refused', () => {
    const keys = Array.from({ length: 3000 }, (_, index) => `k${index}: 1`).join(', ');
    const bomb = `a: &a {${keys}}\nb:\n${'- { <<: *a }\n'.repeat(3000)}`;
    const result = errorOf(bomb);
    expect(result.message).toContain('merge keys copy more than 10000 keys');
  });

  test('nesting of twenty thousand levels is refused without exhausting the stack', () => {
    expect(errorOf('['.repeat(20_000)).message).toContain('deeper than 100 levels');
    expect(
      errorOf(Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')).message,
    ).toContain('deeper than 100 levels');
  });

  test('aliases cannot nest deeper than text can', () => {
    const half = `${'['.repeat(60)}${']'.repeat(60)}`;
    expect(errorOf(`a: &a ${half}\nb: ${'['.repeat(60)}*a${']'.repeat(60)}\n`).message).toContain(
      'deeper than 100',
    );
  });

  test('a document of 64 MB is refused before it is parsed', () => {
    // A parser would complain of the bracket.
    const text = `]: ${'x'.repeat(64 * 1024 * 1024)}`;
    const result = errorOf(text);
    expect(result.message).toContain(`larger than ${yamlLimits.maxBytes} bytes`);
  });

  test('the byte limit counts bytes, not characters', () => {
    expect(errorOf(`a: "${'語'.repeat(6_000_000)}"`).message).toContain('bytes');
  });

  test('a hundred thousand documents are refused before they are parsed', () => {
    expect(errorOf('---\na: 1\n'.repeat(100_000)).message).toContain('more than 10000 documents');
  });

  test('more than a million lines, commas and brackets are refused before they are parsed', () => {
    expect(errorOf('a: b\n'.repeat(1_100_000)).message).toContain('more than 1000000 lines');
    expect(errorOf(`[${'[],'.repeat(600_000)}]`).message).toContain('more than 1000000 lines');
  });

  test('a file of five megabytes and a hundred thousand lines, as large operators have it, is read', () => {
    const text = Array.from({ length: 100_000 }, (_, index) => `k${index}: ${'x'.repeat(40)}\n`).join('');
    expect(Object.keys(valueOf(text) ?? {})).toHaveLength(100_000);
  });

  test('nine hundred thousand values are refused', () => {
    expect(errorOf('- a\n'.repeat(900_000)).message).toContain('more than 500000 values');
  });

  test('a long text costs more with every alias of it', () => {
    const text = `a: &a ${'x'.repeat(1_000_000)}\nb: [${'*a,'.repeat(100)}]\n`;
    expect(errorOf(text)).toMatchObject({ line: 2, message: expect.stringContaining('values') });
    expect(valueOf(`a: ${'x'.repeat(3_000_000)}\n`)).toBeDefined();
  });

  test('a duplicate key is refused with both lines', () => {
    expect(errorOf('a: 1\nb: 2\na: 3\n')).toMatchObject({
      line: 3,
      message: 'the key "a" is there twice, first on line 1',
    });
  });

  test.each(['__proto__', 'constructor', 'prototype'])(
    'the key %s is refused with its line and pollutes nothing',
    (key) => {
      expect(errorOf(`a:\n  ${key}: { polluted: true }\n`)).toMatchObject({
        line: 2,
        message: `the key ${key} is not allowed`,
      });
      expect(errorOf(`{"a": {"${key}": {"polluted": true}}}`).line).toBe(1);
      expect(errorOf(`a: &a { ${JSON.stringify(key)}: 1 }\nb: { <<: *a }\n`).line).toBe(1);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  test.each([
    '!!js/function "x"',
    '!!binary aGk=',
    '!custom x',
    '!!timestamp 2020-01-01',
    '!!set {a}',
    '!!omap [a: 1]',
  ])('the tag of %s is refused', (value) => {
    expect(errorOf(`a: ${value}\n`)).toMatchObject({
      line: 1,
      message: expect.stringContaining('is not supported'),
    });
  });

  test('core tags are obeyed, and refused where they do not fit', () => {
    expect(
      valueOf(
        '{ a: !!str 1, b: !!int "2", c: !!float 1.5, d: !!bool true, e: !!null ~, f: !!seq [], g: !!map {} }',
      ),
    ).toEqual({
      ...{ a: '1', b: 2, c: 1.5, d: true, e: null, f: [], g: {} },
    });
    expect(errorOf('a: !!int x\n').message).toContain('not a int');
  });

  test.each([
    '9007199254740993',
    '12345678901234567890',
    '-9007199254740993',
    '0xFFFFFFFFFFFFFFFF',
    '9_007_199_254_740_993',
  ])('the integer %s is refused, not rounded, and the message says to quote it', (integer) => {
    const error = errorOf(`a: 1\nb: ${integer}\n`);
    expect(error).toMatchObject({
      line: 2,
      message: expect.stringContaining('rounded'),
      fix: expect.stringContaining(`"${integer}"`),
    });
    expect(valueOf(`b: "${integer}"`)).toEqual({ b: integer });
  });

  test.each(['.inf', '-.inf', '.nan', '1e999'])('%s is refused, because JSON cannot carry it', (text) => {
    expect(errorOf(`a: ${text}\n`).fix).toContain('quote');
  });

  test('a byte order mark is passed over; NUL, UTF-16 and what is no UTF-8 are refused', () => {
    expect(valueOf('\uFEFFa: 1')).toEqual({ a: 1 });
    expect(errorOf('a: b\nc: \0\n')).toMatchObject({ line: 2, message: expect.stringContaining('UTF-8') });
    expect(errorOf('\uFFFD\uFFFDa\0:\0').message).toContain('UTF-8');
  });

  test('an alias inside its own anchor and an alias without anchor are refused', () => {
    expect(errorOf('a: &a [*a]').message).toContain('contains itself');
    expect(errorOf('a: 1\nb: *nowhere').line).toBe(2);
    expect(errorOf('a: &a 1\n---\nb: *a').message).toContain('no anchor');
  });

  test('whatever text comes in, the answer is documents or located errors', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '<<',
      '!!',
      '"',
      "'",
      '|',
      '>',
      '#',
      '---\n',
      '?',
      ',',
      '\t',
      '%',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const parsed = parseYaml(parts.join(''), 'f');
        if ('errors' in parsed)
          expect(parsed.errors[0]).toMatchObject({ file: 'f', message: expect.any(String) });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('scalars', () => {
  test('ambiguous scalars have one meaning, the one kustomize gives them', () => {
    expect(
      valueOf(
        `{ a: 010, b: 0o17, c: 017, d: 1e3, e: 12:30, f: no, g: 1_000, h: 2001-1-2, i: -0, j: 0b11, k: 08, l: ~, m: .5,
        n: "5", o: 1.0, p: yes, q: 0x1F, r: -0x10, s: 1.2.3, t: +7, u: 2001-02-30, v: NULL, w: on, x: 1e-7, y: TRUE, z: - }`.replace(
          ', z: -',
          '',
        ),
      ),
    ).toEqual({
      ...{
        a: 8,
        b: 15,
        c: 15,
        d: 1000,
        e: '12:30',
        f: 'no',
        g: 1000,
        h: '2001-01-02T00:00:00Z',
        i: 0,
        j: 3,
        k: 8,
        l: null,
        m: 0.5,
      },
      ...{
        n: '5',
        o: 1,
        p: 'yes',
        q: 31,
        r: -16,
        s: '1.2.3',
        t: 7,
        u: '2001-02-30',
        v: null,
        w: 'on',
        x: 1e-7,
        y: true,
      },
    });
  });

  test('keys are text; a number, a boolean or a collection as key is refused', () => {
    for (const key of ['1', 'true', '~', '[a]', '{a: b}'])
      expect(errorOf(`? ${key}\n: x\n`).fix).toBe('quote the key');
    expect(valueOf('"1": a\n2001-01-01: b\n')).toEqual({ '1': 'a', '2001-01-01': 'b' });
  });

  test('merge keys are merged; own keys win, the first of a list wins', () => {
    expect(valueOf('x: &x { a: 1, b: 1 }\ny: &y { b: 2, c: 2 }\nz: { <<: [*x, *y], a: 0 }')).toMatchObject({
      z: { a: 0, b: 1, c: 2 },
    });
    expect(errorOf('x: &x { a: 1 }\nz: { <<: *x, <<: *x }').message).toContain('<< is there twice');
    expect(errorOf('z: { <<: 1 }').message).toContain('takes a mapping');
  });
});

describe('lines', () => {
  test('every path has the line it is written on, missing ones that of their nearest ancestor', () => {
    const parsed = parseYaml(
      '# comment\nspec:\n  stages:\n    - name: a\n    - name: b\n      soak: 1\n  empty:\n',
      'f',
    );
    if ('errors' in parsed) throw new Error('refused');
    const line = (...path: (string | number)[]): number => parsed.documents[0]!.lineOf(path);
    expect([
      line('spec'),
      line('spec', 'stages', 1, 'soak'),
      line('spec', 'stages', 1),
      line('spec', 'nowhere', 'deep'),
      line(),
    ]).toEqual([2, 6, 5, 2, 2]);
    expect(line('spec', 'empty')).toBe(7);
  });

  test('syntax errors name file, line and what to do', () => {
    expect(errorOf('a: 1\nb: [1, 2\nc: 3\n')).toMatchObject({
      line: expect.any(Number),
      fix: expect.any(String),
    });
    expect(errorOf('a:\n\tb: 1\n')).toMatchObject({ line: 2, fix: 'replace tabs with spaces' });
  });
});

describe('manifests', () => {
  test('lists are expanded, empty documents skipped, order is kept', () => {
    const parsed = parseManifests(
      '---\n---\napiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: A, metadata: { name: a } }\n- apiVersion: v1\n  kind: BList\n  items:\n  - { apiVersion: v1, kind: B, metadata: { name: b } }\n---\n{ apiVersion: v1, kind: C, metadata: { name: c } }\n',
      'f',
    );
    expect('objects' in parsed && parsed.objects.map(({ kind }) => kind)).toEqual(['A', 'B', 'C']);
  });

  test.each([
    ['{ kind: A, metadata: { name: a } }', 'apiVersion', 1],
    ['{ apiVersion: v1, metadata: { name: a } }', 'kind', 1],
    ['apiVersion: v1\nkind: A\n', 'metadata', 1],
    ['apiVersion: v1\nkind: A\nmetadata:\n  generateName: a-\n', 'metadata.name', 3],
    ['apiVersion: v1\nkind: A\nmetadata:\n  name: "a\\u202Eb"\n', 'metadata.name', 4],
    ['apiVersion: v1\nkind: A\nmetadata:\n  name: ../x\n', 'metadata.name', 4],
    ['apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  labels:\n    x: 1\n', 'metadata.labels', 6],
    ['apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  annotations: [x]\n', 'metadata.annotations', 5],
    ['- a\n', 'mapping', 1],
  ])('what is no object is refused with its line: %j', (text, says, line) => {
    const parsed = parseManifests(text, 'f');
    expect('errors' in parsed && parsed.errors[0]).toMatchObject({
      line,
      message: expect.stringContaining(says),
      fix: expect.any(String),
    });
  });

  test('all errors of a file are reported at once', () => {
    const parsed = parseManifests('{ kind: A }\n---\n{ apiVersion: v1 }\n', 'f');
    expect('errors' in parsed && parsed.errors.length).toBe(2);
  });
});

describe('YAML output', () => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

  test.each([
    '0X1F',
    '-0XF',
    '0B1',
    '010',
    '1_000',
    '1e3',
    '.inf',
    '~',
    'true',
    '2026-01-01',
    '9007199254740993',
  ])('the text %s stays text, as a key and as a value', (text) => {
    const value = { [text]: text, list: [text] };
    expect(parseYaml(toYaml([value]), 'f')).toMatchObject({ documents: [{ value }] });
  });

  test('what is written is read back as the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        const clean = JSON.parse(JSON.stringify(value)) as Json;
        if (/constructor|prototype|__proto__|\\u0000|\ufffd|\\ufffd/i.test(JSON.stringify(clean))) return;
        const parsed = parseYaml(toYaml([clean]), 'f');
        if ('errors' in parsed) {
          // Only numbers that JSON itself cannot hold exactly are refused.
          expect(parsed.errors[0]?.message).toMatch(/rounded/);
          return;
        }
        expect(parsed.documents[0]?.value).toEqual(clean);
      }),
      { numRuns: 500 },
    );
  });

  test('objects are divided by ---, and texts that other YAML versions misread are quoted', () => {
    expect(toYaml([{ b: 'yes', a: '010' }, { c: null }])).toBe("b: 'yes'\na: '010'\n---\nc: null\n");
    expect(toYaml([{ b: 1, a: 2 }], { sortKeys: true })).toBe('a: 2\nb: 1\n');
    expect(toYaml([])).toBe('');
  });
});

test('an object that SOPS has encrypted whole is refused with the way to encrypt its values', () => {
  const cipher = 'ENC[AES256_GCM,data:OkVh,iv:Rw==,tag:Rw==,type:str]';
  const text = `apiVersion: ${cipher}\nkind: ${cipher}\nmetadata:\n  name: ${cipher}\n`;
  expect(parseManifests(text, 'secret.yaml')).toMatchObject({
    errors: [
      {
        file: 'secret.yaml',
        line: 2,
        field: 'kind',
        message: 'SOPS has encrypted the whole object, so that nobody can tell what it is',
        fix: "encrypt its values only: sops --encrypt --encrypted-regex '^(data|stringData)$'",
      },
    ],
  });
});
