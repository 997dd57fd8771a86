import { describe, expect, it } from 'vitest';
import { readLiterals } from './read-literals.ts';

const read = (expression: string) => readLiterals(expression, () => 'make');

describe('literals of objects', () => {
  it.each([
    ['Object{}', 'make("Object", [], [])'],
    ['Object{a: 1, ?b: x}', 'make("Object", ["a","?b"], [dyn( 1), dyn( x)])'],
    ['Object.spec {`a-b`: c,}', 'make("Object.spec", ["a-b"], [dyn( c)])'],
    [
      'Object{spec: Object.spec{n: [1, f(2, 3)]}}',
      'make("Object", ["spec"], [dyn( make("Object.spec", ["n"], [dyn( [1, f(2, 3)])]))])',
    ],
    [
      '[JSONPatch{op: "add", value: {"a": {"b": c ? d : e}}}]',
      '[make("JSONPatch", ["op","value"], [dyn( "add"), dyn( {"a": {"b": c ? d : e}})])]',
    ],
  ])('are read as calls: %s', (expression, text) => {
    expect(read(expression).text).toBe(text);
  });

  it.each([
    '{"Object{": 1}',
    "'Object{a: 1}'",
    'r"""Object{}"""',
    'my.Object{a: 1}',
    'Objects{a: 1}',
    '// Object{}\n{}',
  ])('are nowhere in %s', (expression) => {
    expect(read(expression).text).toBe(expression);
    expect(read(expression).types.size).toBe(0);
  });

  it('tell which types they compose', () => {
    expect([...read('Object{a: Object.a{b: Object.a.b{}}}').types].sort()).toEqual([
      'Object',
      'Object.a',
      'Object.a.b',
    ]);
  });

  it('leave each place known: what is not changed comes from where it stood', () => {
    const expression = 'x + Object{spec: Object.spec{replicas: foo}} + y';
    const { text, place } = read(expression);
    for (const word of ['x', 'foo', '+ y']) {
      expect(place(text.lastIndexOf(word))).toBe(expression.lastIndexOf(word));
    }
  });

  it('that have no end are left to be refused', () => {
    expect(read('Object{a: 1').text).toBe('make("Object", ["a"], [dyn( 1)');
    expect(read('Object{1: a}').text).toBe('make("Object", [], [1: a}');
  });
});
