import { describe, expect, test } from 'vitest';
import { dependencyProblems } from './dependency-problems.ts';
import { parseFleetConfig } from './fleet-config.ts';

const of = (edges: { readonly [name: string]: readonly string[] }) => {
  const applications = Object.entries(edges).map(([name, dependsOn]) => ({ name, dependsOn }));
  return dependencyProblems(applications, new Set(Object.keys(edges)));
};
const messages = (edges: Parameters<typeof of>[0]) =>
  Object.fromEntries(
    [...of(edges)].map(([name, problems]) => [name, problems.map(({ message }) => message)]),
  );

describe('dependencies of applications', () => {
  test('that lead to no circle are sound, however they meet', () => {
    expect(messages({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })).toEqual({});
  });

  test('that lead back are refused in each application of the circle, and in no other', () => {
    expect(messages({ before: ['a'], a: ['b', 'after'], b: ['c'], c: ['a'], after: [] })).toEqual({
      a: ['a waits for itself: a → b → c → a'],
      b: ['b waits for itself: b → c → a → b'],
      c: ['c waits for itself: c → a → b → c'],
    });
  });

  test('on the application itself are refused', () => {
    expect(of({ a: ['a'] }).get('a')).toEqual([
      {
        path: ['spec', 'dependsOn', 0, 'application'],
        message: 'a waits for itself: a → a',
        fix: 'leave out one of these dependencies',
      },
    ]);
  });

  test('between two circles are in neither', () => {
    const edges = { a: ['b'], b: ['a', 'between'], between: ['c'], c: ['d'], d: ['c'] };
    expect(Object.keys(messages(edges))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('in a circle of a thousand are told by its beginning and its end, also when there are many', () => {
    const edges = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`a${at}`, [`a${(at + 1) % 1_000}`]]),
    );
    const found = messages(edges);
    expect(Object.keys(found)).toHaveLength(1_000);
    expect(found['a0']?.[0]).toMatch(/^a0 waits for itself: a0 → a1 → .* → … \(970 more\) → a0$/);
    expect(found['a999']?.[0]).toMatch(/^a999 waits for itself: a999 → a0/);
  });

  test('of every application on thirty-two others are read at once', () => {
    const edges = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, at) => [
        `a${at}`,
        Array.from({ length: 32 }, (_one, by) => `a${(at * 7 + by * 13 + 1) % 2_000}`),
      ]),
    );
    expect(of(edges).size).toBeGreaterThan(1_900);
  });
});

const document = (name: string, dependsOn: string) => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name} }
  placement: {}
  namespace: ml
  rolloutStrategy: all
  dependsOn: ${dependsOn}
`;
const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
`;
const parse = (documents: { readonly [name: string]: string }) =>
  parseFleetConfig([
    { path: 'fleet/all.yaml', text: strategy },
    ...Object.entries(documents).map(([name, text]) => ({
      path: `fleet/${name}.yaml`,
      text: document(name, text),
    })),
  ]);

describe('dependsOn in a document', () => {
  test('names applications, in the same cluster unless it says the fleet', () => {
    const { config, problems } = parse({
      web: '[{ application: db }, { application: hub, scope: fleet }]',
      db: '[]',
      hub: '[]',
    });
    expect(problems).toEqual([]);
    expect(config.applications.find(({ name }) => name === 'web')?.dependsOn).toEqual([
      { application: 'db', scope: 'cluster' },
      { application: 'hub', scope: 'fleet' },
    ]);
    expect(config.applications.find(({ name }) => name === 'db')).not.toHaveProperty('dependsOn');
  });

  test('that nobody declares is refused with file, line, field and the name that was meant', () => {
    const { config, problems } = parse({ web: '[{ application: dbs }]', db: '[]' });
    expect(problems).toEqual([
      {
        application: 'web',
        file: 'fleet/web.yaml',
        line: 9,
        field: 'spec.dependsOn[0].application',
        message: 'there is no application dbs',
        fix: 'did you mean db?',
      },
    ]);
    expect(config.applications.map(({ name }) => name)).toEqual(['db']);
  });

  test('on an application that is broken is sound: that one is frozen, and this one waits', () => {
    const { config, problems } = parse({ web: '[{ application: db }]', db: '[{ application: none }]' });
    expect(problems.map(({ application }) => application)).toEqual(['db']);
    expect(config.applications.map(({ name }) => name)).toEqual(['web']);
  });

  test.each([
    '[{ application: db, scope: region }]',
    '[{ application: DB }]',
    '[db]',
    '[{ application: db }, { application: db }]',
  ])('%s is refused', (text) => {
    const { problems } = parse({ web: text, db: '[]' });
    expect(problems).toMatchObject([{ application: 'web', file: 'fleet/web.yaml', line: 9 }]);
    expect(problems[0]?.field).toMatch(/^spec\.dependsOn/);
  });
});
