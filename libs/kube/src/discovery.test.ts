import { expect, test } from 'vitest';
import { FaultError } from '@meridian/runtime';
import { createKinds } from './kinds.ts';

const { signal } = new AbortController();

const aggregated = (group: string, version: string, resources: object[]) => ({
  kind: 'APIGroupDiscoveryList',
  items: [{ metadata: group === '' ? {} : { name: group }, versions: [{ version, resources }] }],
});

const resource = (kind: string, plural: string, scope = 'Namespaced') => ({
  resource: plural,
  responseKind: { group: '', version: '', kind },
  scope,
  verbs: ['get', 'list', 'watch'],
});

/** A server whose answers can be changed; notes what was read. */
function server(answers: { [path: string]: object }) {
  const read: string[] = [];
  let nowMs = 0;
  const kinds = createKinds(
    async (path) => {
      read.push(path);
      const answer = answers[path];
      if (!answer) throw new FaultError('unavailable', `no ${path}`, { retry: 'later' });
      return JSON.stringify(answer);
    },
    () => nowMs,
  );
  return { kinds, read, answers, pass: (ms: number) => (nowMs += ms) };
}

test('reads all kinds from the two aggregated answers', async () => {
  const { kinds, read } = server({
    '/api': aggregated('', 'v1', [resource('Pod', 'pods'), resource('Node', 'nodes', 'Cluster')]),
    '/apis': aggregated('apps', 'v1', [resource('Deployment', 'deployments')]),
  });
  expect(await kinds.resolve('apps/v1', 'Deployment', signal)).toMatchObject({
    plural: 'deployments',
    namespaced: true,
  });
  expect(await kinds.resolve('v1', 'Node', signal)).toMatchObject({ plural: 'nodes', namespaced: false });
  expect(read).toEqual(['/api', '/apis']);
});

test('reads old servers version by version; a group whose server is away hides only itself', async () => {
  const { kinds } = server({
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: [
        {
          name: 'apps',
          versions: [{ groupVersion: 'apps/v1' }],
          preferredVersion: { groupVersion: 'apps/v1' },
        },
        {
          name: 'metrics.k8s.io',
          versions: [{ groupVersion: 'metrics.k8s.io/v1' }],
          preferredVersion: { groupVersion: 'metrics.k8s.io/v1' },
        },
      ],
    },
    '/api/v1': {
      kind: 'APIResourceList',
      resources: [
        { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'] },
        { name: 'pods/log', kind: 'Pod' },
      ],
    },
    '/apis/apps/v1': {
      kind: 'APIResourceList',
      resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] }],
    },
  });
  const discovery = await kinds.discover(signal);
  expect(discovery.all().map((kind) => kind.plural)).toEqual(['pods', 'deployments']);
});

test('asks again for an unknown kind, but not more than once a second', async () => {
  const { kinds, read, answers, pass } = server({
    '/api': aggregated('', 'v1', []),
    '/apis': aggregated('a.io', 'v1', []),
  });
  await expect(kinds.resolve('a.io/v1', 'Widget', signal)).rejects.toMatchObject({
    code: 'not_found',
    retry: 'later',
  });
  await expect(kinds.resolve('a.io/v1', 'Widget', signal)).rejects.toThrow('CustomResourceDefinition');
  expect(read.length).toBe(2);
  answers['/apis'] = aggregated('a.io', 'v1', [resource('Widget', 'widgets')]);
  pass(1_500);
  expect(await kinds.resolve('a.io/v1', 'Widget', signal)).toMatchObject({ plural: 'widgets' });
  expect(read.length).toBe(4);
});

test('an aborted caller does not spoil the answer for the others', async () => {
  const { kinds } = server({
    '/api': aggregated('', 'v1', [resource('Pod', 'pods')]),
    '/apis': aggregated('apps', 'v1', []),
  });
  const stopping = new AbortController();
  const first = kinds.discover(stopping.signal);
  const second = kinds.discover(signal);
  stopping.abort(new Error('stopped'));
  await expect(first).rejects.toThrow('stopped');
  expect((await second).all().length).toBe(1);
});
