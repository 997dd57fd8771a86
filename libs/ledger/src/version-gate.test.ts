import { expect, test } from 'vitest';
import { comparesOtherSubjects, hasSyncInterval, serverRefusal } from './version-gate.ts';

test.each([
  ['2.9.10', false],
  ['2.9.0', false],
  ['2.10.29', false],
  ['2.15.2', false],
  ['2.11.15', true],
  ['2.11.99', true],
  ['2.12.6', true],
  ['2.12.15', true],
  ['2.13.0', true],
  ['2.14.4', true],
  ['3.0.0', true],
  ['v2.15.2', true],
])('version %s (clustered: %s) may be used', (version, clustered) => {
  expect(serverRefusal({ version, clustered })).toBeUndefined();
});

test.each([
  ['2.8.4', false, /too old.*2\.9\.0/],
  ['1.4.1', false, /too old/],
  ['2.8.4', true, /too old/],
  ['2.9.10', true, /clustered.*2\.11\.15/],
  ['2.10.29', true, /2\.11\.15/],
  ['2.11.14', true, /2\.11\.15/],
  ['2.11.15-RC.1', true, /2\.11\.15/],
  ['2.12.0', true, /2\.12\.6/],
  ['2.12.5', true, /2\.12\.6/],
  ['2.12.6-preview', true, /2\.12\.6/],
  ['', false, /not a version/],
  ['latest', true, /not a version/],
])('version %s (clustered: %s) is refused with the fix', (version, clustered, reason) => {
  expect(serverRefusal({ version, clustered })).toMatch(reason);
});

test('the sequence of another subject is compared from 2.11 on', () => {
  const versions = ['2.9.25', '2.10.29', '2.11.0', '2.15.2', ''];
  expect(versions.map(comparesOtherSubjects)).toEqual([false, false, true, true, false]);
});

test('sync_interval is known from 2.10 on', () => {
  expect(['2.9.25', '2.10.0', '2.15.2', ''].map(hasSyncInterval)).toEqual([false, true, true, false]);
});
