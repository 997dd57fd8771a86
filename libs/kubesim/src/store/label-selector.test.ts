import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';
import type { Labels } from './label-selector.ts';

function selects(text: string, labels: Labels): boolean {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.matches(labels);
}

const refusal = (text: string) => {
  const parsed = parseLabelSelector(text);
  return parsed.ok ? 'taken' : parsed.message;
};

const labels = { app: 'inference', tier: 'prod', gpus: '8', empty: '' };

describe('a label selector', () => {
  it.each([
    ['', true],
    ['app=inference', true],
    ['app == inference', true],
    ['app=other', false],
    ['app!=other', true],
    ['none!=other', true],
    ['app in (other,inference)', true],
    ['app notin (other, inference)', false],
    ['none notin (a)', true],
    ['app', true],
    ['!app', false],
    ['!none', true],
    ['empty=', true],
    ['empty in ()', true],
    ['empty in (,a)', true],
    ['app in (,a)', false],
    ['gpus>7', true],
    ['gpus > 8', false],
    ['gpus<9', true],
    ['app>1', false],
    ['none<1', false],
    ['app=inference,tier in (prod),!none', true],
    ['app=inference,tier=dev', false],
    ['app=in', false],
  ])('%s says %s', (text, expected) => {
    expect(selects(text, labels)).toBe(expected);
  });

  it('takes operators for words where no operator can stand', () => {
    expect(selects('in in (notin)', { in: 'notin' })).toBe(true);
  });

  it('never finds a label in the prototype of objects', () => {
    expect(selects('constructor', {})).toBe(false);
  });

  it.each([
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])('refuses %s with the words of the server', (text, words) => {
    expect(refusal(text)).toBe(words);
  });
});
