import { expect, test } from 'vitest';
import { vanishedProblems } from './problems.ts';

const known = { revision: 'r9', fleetPath: 'fleet', named: new Set(['web']), incomplete: false };
const placements = new Map([
  ['web', ['east']],
  ['sync', ['east', 'west']],
  ['old', []],
]);

test('an application that is in no document any more stays, and its removal is asked for', () => {
  const problems = vanishedProblems(known, placements);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ application: 'sync', file: 'fleet', revision: 'r9' });
  expect(problems[0]?.message).toContain('east, west');
});

test('nothing is called missing while a broken file may hide it', () => {
  expect(vanishedProblems({ ...known, incomplete: true }, placements)).toEqual([]);
});
