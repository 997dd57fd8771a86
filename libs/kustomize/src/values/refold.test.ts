import { describe, expect, it } from 'vitest';
import { plainOf } from './plain.ts';
import { readDocuments } from './read.ts';
import { Scalar } from './value.ts';

function valueOf(text: string): unknown {
  const read = readDocuments(text, 'a.yaml');
  if ('errors' in read) throw new Error(JSON.stringify(read.errors));
  const value = read.documents[0]?.value ?? null;
  return { read: value, written: plainOf(value) };
}

/** Every expected text is what kustomize v5.5.0 and v5.8.2 make of it. */
describe('a folded block', () => {
  it('of lines that are not indented is a text', () => {
    expect(valueOf('v: >\n  some\n  words\n\n  more\n')).toEqual({
      read: { v: 'some words\nmore\n' },
      written: { v: 'some words\nmore\n' },
    });
  });

  it.each([
    ['v: >\n  run\n    step\n  done\n', 'run\n  step\ndone\n', 'run\n\n  step\ndone\n'],
    ['v: >2\n   a\n  b\n\n  c\n', ' a\nb\nc\n', ' a\nb c\n'],
    ['v: >+\n  a\n\nw: 1', 'a\n\n', 'a\n\n\n'],
    ['v: >-\n  a\n\n\n    b\n  c\n  d', 'a\n\n\n  b\nc d', 'a\n\n\n\n  b\nc d'],
  ])('changes when it is written: %j', (text, read, written) => {
    expect(valueOf(text)).toMatchObject({ read: { v: new Scalar('!!str', read) }, written: { v: written } });
  });

  it('that ends in a space is written in quotes, which change nothing', () => {
    expect(valueOf('v: >-\n  a\n    b \n  c\n')).toMatchObject({ written: { v: 'a\n  b \nc' } });
  });
});

describe('a block on a last line without a line break', () => {
  it('has no line break at its end either', () => {
    expect(valueOf('v: |\n  a\n  b')).toMatchObject({ written: { v: 'a\nb' } });
    expect(valueOf('v: |\n  a\n  ')).toMatchObject({ written: { v: 'a\n' } });
    expect(valueOf('v: |+\n  a\n\n   ')).toMatchObject({ written: { v: 'a\n\n ' } });
  });
});
