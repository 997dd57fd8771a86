import { describe, expect, it } from 'vitest';
import type { Dialect, KeyFlaw } from './dialect.ts';
import { parseTree } from './parse.ts';

/** Every scalar is its text, whatever it looks like. */
const texts: Dialect<string> = {
  scalar: (text, { tag = '' }) => ({ value: tag + text }),
  key: (text) => ({ name: text }),
  dropsTags: true,
  repeated: 'last',
  merges: 'in place',
};

function read(text: string, dialect: Dialect<string>): unknown {
  const parsed = parseTree(text, 'a.yaml', { dialect });
  return 'errors' in parsed ? parsed.errors[0] : parsed.documents.map(({ value }) => value);
}

describe('a dialect', () => {
  it('says what scalars, equal keys, merge keys and tags mean', () => {
    expect(read('a: 1\na: !x ~\nb: &b {c: 010}\nd: {c: 1, <<: *b}\n---\n!y [yes]', texts)).toEqual([
      { a: '!x~', b: { c: '010' }, d: { c: '010' } },
      ['yes'],
    ]);
  });

  it('hears of keys that will not do', () => {
    const heard: (readonly [object, ReadonlyMap<string, KeyFlaw>])[] = [];
    const dialect: Dialect<string> = {
      ...texts,
      repeated: 'flawed',
      collectionKey: '',
      flawed: (fields, flaws) => heard.push([fields, flaws]),
    };
    expect(read('a: {b: 1, b: 2, [c]: 3}', dialect)).toEqual([{ a: { b: '1', '': '3' } }]);
    expect(heard).toEqual([
      [
        { b: '1', '': '3' },
        new Map([
          ['b', { kind: 'repeated', message: 'the key "b" is there twice, first on line 1', later: ['2'] }],
          ['', { kind: 'null', message: 'a key must be text, this one is a collection' }],
        ]),
      ],
    ]);
  });

  it('hears how the scalar of a field was written', () => {
    const heard: string[] = [];
    const field: Dialect<string>['field'] = (_, name, { text, form }) => {
      heard.push(`${name} ${text} ${form.plain ? 'plain' : 'quoted'}${form.folded ? ' folded' : ''}`);
    };
    read('a: 1\nb: "2"\nc: >\n  3\nd: [4]', { ...texts, field });
    expect(heard).toEqual(['a 1 plain', 'b 2 quoted', 'c 3\n quoted folded']);
  });

  it('may read the first document of each part of a text only', () => {
    const first: Dialect<string> = { ...texts, firstOnly: true };
    expect(read('a: 1\n---\nb: [', first)).toEqual([{ a: '1' }]);
    const text = 'a: 1\n...\nx\n===\nb: 2\n';
    const parts = [
      { from: 0, to: 11 },
      { from: 15, to: text.length },
    ];
    const parsed = parseTree(text, 'a.yaml', { dialect: first, parts });
    if ('errors' in parsed) throw new Error('refused');
    expect(parsed.documents.map(({ value }) => value)).toEqual([{ a: '1' }, { b: '2' }]);
    expect(parsed.documents[1]?.lineOf(['b'])).toBe(5);
  });
});
