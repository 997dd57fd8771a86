import type { FleetEvent, Problem } from '@meridian/fleet';
import { expect, test } from 'vitest';
import type { ReleasedApplication, RevisionReleases } from '../releases/releases.ts';
import { Announcements } from './announcements.ts';

const broken: Problem = {
  application: 'web',
  file: 'a.yaml',
  line: 3,
  cluster: 'east',
  message: 'no such field',
  fix: 'remove it',
};

function revision(name: string, problems: readonly Problem[], resolved: readonly string[]): RevisionReleases {
  const released = resolved.map((one) => ({ application: { name: one } }) as ReleasedApplication);
  const known = { revision: name, fleetPath: 'fleet', named: new Set(resolved), incomplete: false };
  return {
    revision: name,
    config: { clusters: [], applications: [], strategies: [], policies: [] },
    warnings: [],
    problems,
    released,
    pending: [],
    known,
  };
}
const types = (events: readonly FleetEvent[]) =>
  events.map(({ type, application }) => `${type} ${application ?? ''}`);

test('a mistake is told once, with place and fix, however many commits it lasts', () => {
  const announcements = new Announcements();
  const [event] = announcements.of(revision('r1', [broken], []), 5);
  expect(event).toMatchObject({
    level: 'error',
    type: 'application.frozen',
    application: 'web',
    revision: 'r1',
    atMs: 5,
  });
  expect(event?.message).toBe('a.yaml:3 (for east): no such field; remove it');
  expect(announcements.of(revision('r2', [broken], []), 6)).toEqual([]);
});

test('recovery is told when the application resolves again, not when it is merely gone', () => {
  const announcements = new Announcements();
  announcements.of(revision('r1', [broken], []), 1);
  expect(types(announcements.of(revision('r2', [], ['web']), 2))).toEqual(['application.recovered web']);
  announcements.of(revision('r3', [broken], []), 3);
  expect(announcements.of(revision('r4', [], []), 4)).toEqual([]);
});

test('an application that is still being rendered is neither recovered nor forgotten', () => {
  const announcements = new Announcements();
  announcements.of(revision('r1', [broken], []), 1);
  expect(announcements.of({ ...revision('r2', [], []), pending: ['web'] }, 2)).toEqual([]);
  expect(types(announcements.of(revision('r2', [], ['web']), 3))).toEqual(['application.recovered web']);
});

test('another mistake of the same application is told anew', () => {
  const announcements = new Announcements();
  announcements.of(revision('r1', [broken], []), 1);
  const other = { ...broken, line: 9 };
  expect(types(announcements.of(revision('r2', [other], []), 2))).toEqual(['application.frozen web']);
});

test('a new leader does not repeat what the old one told', () => {
  const told = new Announcements().of(revision('r1', [broken], []), 1);
  expect(new Announcements(told).of(revision('r1', [broken], []), 2)).toEqual([]);
  expect(types(new Announcements(told).of(revision('r2', [], ['web']), 3))).toEqual([
    'application.recovered web',
  ]);
});
