import { parseFleetConfig } from '@meridian/fleet';
import { expect, test } from 'vitest';
import {
  applicationFiles,
  fleetFiles,
  guardedApplication,
  markedFiles,
  otherApplications,
  stagedApplication,
  stageOf,
} from './rollout-files.ts';

test('of 100 clusters 20, 30 and 50 are in the stages, and each stage of a small fleet has some', () => {
  const count = (clusters: number) => {
    const stages = Array.from({ length: clusters }, (_, index) => stageOf(index, clusters));
    return ['first', 'second', 'third'].map((name) => stages.filter((stage) => stage === name).length);
  };
  expect(count(100)).toEqual([20, 30, 50]);
  expect(count(6)).toEqual([2, 1, 3]);
});

test('the fleet repo is one that a hub reads without a problem, with all of its applications', () => {
  const names = [stagedApplication, guardedApplication, ...otherApplications(2)];
  const files: { [path: string]: string } = { ...fleetFiles(10) };
  for (const name of names) Object.assign(files, applicationFiles(name));
  const read = parseFleetConfig(
    Object.entries(files).flatMap(([path, text]) => (path.startsWith('fleet/') ? [{ path, text }] : [])),
  );
  expect(read.problems).toEqual([]);
  expect(read.config.clusters).toHaveLength(10);
  expect(read.config.applications.map(({ name }) => name).sort()).toEqual([...names].sort());
});

test('another mark changes the objects of that application, and no file of another one', () => {
  const first = markedFiles('web', 'one');
  const second = markedFiles('web', 'two');
  expect(Object.keys(second)).toEqual(Object.keys(first));
  expect(Object.values(second)).not.toEqual(Object.values(first));
  expect(Object.keys(first).every((path) => path.startsWith('applications/web/'))).toBe(true);
});
