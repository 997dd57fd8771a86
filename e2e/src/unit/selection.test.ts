import { expect, test } from 'vitest';
import { selectProjects } from '../runner/selection.ts';

test('all projects run when none is named', () => {
  expect(selectProjects(['libs/ledger'])).toEqual({
    projects: ['unit', 'simulation', 'integration', 'integration-sim', 'e2e', 'journeys', 'journeys-real'],
    rest: ['libs/ledger'],
  });
});

test('named projects are taken out and everything else goes on to vitest', () => {
  expect(selectProjects(['--project', 'unit', '--project=e2e', '-t', 'a=b', 'charts'])).toEqual({
    projects: ['unit', 'e2e'],
    rest: ['-t', 'a=b', 'charts'],
  });
});
