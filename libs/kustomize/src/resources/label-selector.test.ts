import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

const labels = new Map([
  ['app', 'web'],
  ['tier', 'front'],
  ['x.io/size', '10'],
  ['empty', ''],
]);

describe('a label selector', () => {
  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['app=web', true],
    ['app == web , tier!=back', true],
    ['app=web,tier=back', false],
    ['other!=x', true],
    ['tier in (front, back)', true],
    ['tier notin (front)', false],
    ['other notin (a)', true],
    ['empty=', true],
    ['empty in ()', true],
    ['empty in (a,,b)', true],
    ['app in (,web)', true],
    ['x.io/size>9', true],
    ['x.io/size < 10', false],
    ['app>1', false],
    ['in=x', false],
    ['app in (in)', false],
  ])('%j is %s', (text, wanted) => {
    expect(parseLabelSelector(text)(labels)).toBe(wanted);
  });

  it.each([
    ['app=web,', 'it ends where a label after the comma is wanted'],
    [',app', 'there is , where a label is wanted'],
    ['app web', 'there is web where =, !=, in or notin is wanted'],
    ['app in web', 'there is web where ( is wanted'],
    ['app in (a b)', 'there is b where ) is wanted'],
    ['!app=web', 'there is = where a comma or the end is wanted'],
    ['app=!x', 'there is ! where a value is wanted'],
    ['app>x', '> takes a whole number, not x'],
    ['-app', '-app is no name of a label'],
    ['a/b/c', 'a/b/c is no name of a label'],
    ['app=we_', 'we_ is no value of a label'],
  ])('%j is refused: %s', (text, problem) => {
    expect(() => parseLabelSelector(text)).toThrow(problem);
  });
});
