import { sampleOf } from '../objects.ts';
import type { ContractCase } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const strategic = { type: 'application/strategic-merge-patch+json' };
const json = { type: 'application/json-patch+json' };

const patchCase = (
  title: string,
  body: unknown,
  type: { type: string },
  kind = 'Deployment',
): ContractCase => ({
  title: `patch: ${title}`,
  async run(session) {
    const sample = sampleOf(kind);
    await session.prepare('POST', sample.path, sample.make(session.namespace));
    await session.ask('PATCH', `${sample.path}/sample`, body, type);
  },
});

/** The three patch types: what each can say, and what is refused. */
export const patchCases: readonly ContractCase[] = [
  patchCase(
    'replace a list with merge',
    { spec: { template: { spec: { containers: [{ name: 'x', image: 'y' }] } } } },
    merge,
  ),
  patchCase('merge null', { spec: { progressDeadlineSeconds: null, revisionHistoryLimit: 3 } }, merge),
  patchCase('merge into text', { spec: 'text' }, merge),
  patchCase('merge that is a list', [1], merge),
  patchCase('merge that changes the kind', { kind: 'ReplicaSet' }, merge),
  patchCase('merge that changes the kind to one that nobody knows', { kind: 'Foo' }, merge),
  patchCase('merge that changes the group and the kind', { apiVersion: 'v1', kind: 'Pod' }, merge),
  patchCase('merge that changes the version', { apiVersion: 'apps/v2' }, merge),
  patchCase('merge that takes the kind away', { kind: null }, merge),
  patchCase('merge deep inside of what cannot be read', { spec: { template: { spec: { hostname: 3 } } } }, merge),
  patchCase('strategic: another kind', { apiVersion: 'v1', kind: 'Pod' }, strategic),
  patchCase('merge that changes the UID', { metadata: { uid: 'x' } }, merge),
  patchCase('strategic: another UID', { metadata: { uid: 'x' } }, strategic),
  patchCase('json: another UID', [{ op: 'replace', path: '/metadata/uid', value: 'x' }], json),
  patchCase(
    'json: deep inside of what cannot be read',
    [
      { op: 'replace', path: '/spec/template/spec/containers/0/ports/0/hostPort', value: 'x' },
      { op: 'add', path: '/spec/template/spec/containers/0/ports/0/name', value: 'x' },
    ],
    json,
  ),
  patchCase('merge that changes the name', { metadata: { name: 'other' } }, merge),
  patchCase('merge with an unknown field', { spec: { bogus: 1 } }, merge),
  patchCase('merge that is refused', { spec: { replicas: -1 } }, merge),
  patchCase('merge that is not JSON', '{', merge),
  patchCase('strategic: not JSON', '{', strategic),
  patchCase('strategic: bare words', '{spec:{replicas:1}}', strategic),
  patchCase('strategic: a list', [1], strategic),
  patchCase('strategic: text', '"text"', strategic),
  patchCase('strategic: nothing', '', strategic),
  patchCase('JSON: not JSON', '[{', json),
  patchCase('JSON: a number', '3', json),
  patchCase(
    'strategic: add a container',
    { spec: { template: { spec: { containers: [{ name: 'x', image: 'y' }] } } } },
    strategic,
  ),
  patchCase(
    'strategic: change a container by name',
    { spec: { template: { spec: { containers: [{ name: 'server', image: 'y' }] } } } },
    strategic,
  ),
  patchCase(
    'strategic: delete a container',
    {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'new', image: 'y' },
              { name: 'server', $patch: 'delete' },
            ],
          },
        },
      },
    },
    strategic,
  ),
  patchCase(
    'strategic: replace a list',
    { spec: { template: { spec: { containers: [{ $patch: 'replace' }, { name: 'only', image: 'y' }] } } } },
    strategic,
  ),
  patchCase(
    'strategic: replace a map',
    { metadata: { labels: { $patch: 'replace', only: 'this' } } },
    strategic,
  ),
  patchCase(
    'strategic: retain keys',
    { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    strategic,
  ),
  patchCase(
    'strategic: without a merge key',
    { spec: { template: { spec: { containers: [{ image: 'y' }] } } } },
    strategic,
  ),
  patchCase('strategic: a bad directive', { spec: { $patch: 'explode' } }, strategic),
  patchCase(
    'strategic: the order of elements',
    {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'first' }, { name: 'server' }],
            containers: [{ name: 'first', image: 'y' }],
          },
        },
      },
    },
    strategic,
  ),
  patchCase('strategic: finalizers', { metadata: { finalizers: ['example.com/a'] } }, strategic),
  patchCase(
    'strategic: service ports by port',
    {
      spec: {
        ports: [
          { port: 80, targetPort: 8080 },
          { port: 90, name: 'b' },
        ],
      },
    },
    strategic,
    'Service',
  ),
  patchCase(
    'json: add, test, replace, remove',
    [
      { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
      { op: 'test', path: '/metadata/labels/a', value: 'b' },
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'remove', path: '/spec/progressDeadlineSeconds' },
    ],
    json,
  ),
  patchCase(
    'json: move and copy',
    [
      { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'x' } },
      { op: 'copy', from: '/metadata/annotations/a~1b', path: '/metadata/annotations/c' },
      { op: 'move', from: '/metadata/annotations/c', path: '/metadata/annotations/d' },
    ],
    json,
  ),
  patchCase(
    'json: append to a list',
    [{ op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'x', image: 'y' } }],
    json,
  ),
  patchCase('json: a test that fails', [{ op: 'test', path: '/spec/replicas', value: 44 }], json),
  patchCase('json: remove what is not there', [{ op: 'remove', path: '/metadata/labels/none' }], json),
  patchCase(
    'json: replace what is not there',
    [{ op: 'replace', path: '/metadata/labels/none', value: 'x' }],
    json,
  ),
  patchCase(
    'json: an index out of range',
    [{ op: 'add', path: '/spec/template/spec/containers/7', value: {} }],
    json,
  ),
  patchCase('json: an operation that is none', [{ op: 'explode', path: '/spec' }], json),
  patchCase('json: not a list', { op: 'add' }, json),
  patchCase('json: without a path', [{ op: 'add', value: 1 }], json),
];
