import { at, bodyAt, itemsAt, set, textAt } from '../body.ts';
import { objectPath, sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const path = '/api/v1/namespaces/{ns}/configmaps';

const make = (session: Session, name: string, more: object = {}) =>
  session.prepare('POST', path, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { name, parity: Number(name.slice(1)) % 2 === 0 ? 'even' : 'odd' } },
    ...more,
  });

const five = async (session: Session) => {
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) await make(session, name);
};

const listed = (title: string, query: string): ContractCase => ({
  title: `list: ${title}`,
  async run(session) {
    await five(session);
    await session.ask('GET', `${path}${query}`);
  },
});

const selectors = [
  'parity=even',
  'parity==odd',
  'parity!=even',
  'parity in (even, odd)',
  'name notin (a1,a2)',
  'parity',
  '!parity',
  'parity,name!=a1',
  'name>3',
  '',
  'parity=',
  'parity in ()',
  '=x',
  'a b',
  'name in (a1',
  'UPPER/case/x=1',
];

/** Lists, pages, revisions, watches, preconditions, finalizers. */
export const storageCases: readonly ContractCase[] = [
  ...selectors.map((selector) =>
    listed(`labels ${selector}`, `?labelSelector=${encodeURIComponent(selector)}`),
  ),
  listed('field metadata.name', '?fieldSelector=metadata.name%3Da2'),
  listed('field metadata.name not', '?fieldSelector=metadata.name!%3Da2'),
  listed('two fields', '?fieldSelector=metadata.name%3Da2,metadata.namespace%3Dnone'),
  ...['?resourceVersion=0', '?resourceVersion=1&resourceVersionMatch=NotOlderThan'].map((query) => ({
    title: `list: as old as the server likes, ${query}`,
    async run(session: Session) {
      await five(session);
      // Answered from a cache, which may not have seen the last writes yet.
      const caughtUp = async () =>
        itemsAt((await session.attempt('GET', `${path}${query}`)).body, 'items').length === 5;
      await until(caughtUp, 'the cache has not seen the last writes');
      await session.ask('GET', `${path}${query}`);
    },
  })),
  listed('exactly at a revision of the future', '?resourceVersion=99999999&resourceVersionMatch=Exact'),
  listed('a first page', '?limit=2'),
  {
    title: 'list: as a table',
    async run(session) {
      await five(session);
      await session.ask('GET', path, undefined, { accept: table });
    },
  },
  {
    title: 'list: page by page, with a write between the pages',
    async run(session) {
      await five(session);
      const first = await session.ask('GET', `${path}?limit=2`);
      await make(session, 'a9');
      const next = encodeURIComponent(textAt(first.body, 'metadata.continue'));
      const second = await session.prepare('GET', `${path}?limit=2&continue=${next}`);
      await session.ask('GET', `${path}?limit=2&continue=${next}`);
      const last = encodeURIComponent(textAt(second.body, 'metadata.continue'));
      await session.ask('GET', `${path}?limit=2&continue=${last}`);
      await session.ask('GET', `${path}?limit=2&resourceVersion=1&continue=${last}`);
    },
  },
  {
    title: 'list: exactly as it was before a deletion',
    async run(session) {
      await five(session);
      const before = await session.prepare('GET', path);
      await session.prepare('DELETE', `${path}/a3`);
      const revision = textAt(before.body, 'metadata.resourceVersion');
      await session.ask('GET', `${path}?resourceVersion=${revision}&resourceVersionMatch=Exact`);
      await session.ask('GET', path);
    },
  },
  {
    title: 'watch: from now on with a selector that objects enter and leave',
    async run(session) {
      const now = await session.prepare('GET', path);
      const from = textAt(now.body, 'metadata.resourceVersion');
      const watch = await session.watch(`${path}?watch=1&labelSelector=in%3Dyes&resourceVersion=${from}`);
      await make(session, 'a1');
      const labels = (value: string) => ({ metadata: { labels: { in: value } } });
      const merge = { type: 'application/merge-patch+json' };
      await session.prepare('PATCH', `${path}/a1`, labels('yes'), merge);
      await session.prepare('PATCH', `${path}/a1`, { data: { a: '1' } }, merge);
      await session.prepare('PATCH', `${path}/a1`, labels('no'), merge);
      await session.prepare('PATCH', `${path}/a1`, labels('yes'), merge);
      await session.prepare('DELETE', `${path}/a1`);
      await watch.expect(5);
    },
  },
  {
    title: 'watch: from the past',
    async run(session) {
      const now = await session.prepare('GET', path);
      await five(session);
      await session.prepare('DELETE', `${path}/a2`);
      const from = textAt(now.body, 'metadata.resourceVersion');
      const watch = await session.watch(`${path}?watch=true&resourceVersion=${from}`);
      await watch.expect(6);
    },
  },
  ...['', '&resourceVersion=0'].map((revision) => ({
    title: `watch: what is there first, then what happens${revision}`,
    async run(session: Session) {
      await five(session);
      const watch = await session.watch(`${path}?watch=true${revision}`);
      await session.prepare('DELETE', `${path}/a2`);
      await watch.expect(6);
    },
  })),
  {
    title: 'watch: initial events and their end',
    async run(session) {
      await five(session);
      const query =
        'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const watch = await session.watch(`${path}?${query}`);
      await watch.expect(6);
    },
  },
  {
    title: 'watch: initial events without the match that they need',
    async run(session) {
      await session.ask('GET', `${path}?watch=1&sendInitialEvents=true`);
      await session.ask('GET', `${path}?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact`);
    },
  },
  {
    title: 'watch: ends when its time is up',
    async run(session) {
      const watch = await session.watch(`${path}?watch=1&timeoutSeconds=1`);
      await watch.end();
    },
  },
  {
    title: 'watch: from the future',
    async run(session) {
      const watch = await session.watch(`${path}?watch=1&resourceVersion=99999999&timeoutSeconds=1`);
      await watch.end();
    },
  },
  {
    title: 'watch: as a table',
    async run(session) {
      await five(session);
      const watch = await session.watch(`${path}?watch=1`, table);
      await session.prepare('DELETE', `${path}/a2`);
      await watch.expect(6);
    },
  },
  {
    title: 'watch: of one object by name',
    async run(session) {
      await five(session);
      const named = await session.watch(`${path}?watch=1&fieldSelector=metadata.name%3Da3`);
      await session.prepare('DELETE', `${path}/a2`);
      await session.prepare('DELETE', `${path}/a3`);
      await named.expect(2);
    },
  },
  {
    title: 'update: with a stale revision',
    async run(session) {
      const made = await make(session, 'a1');
      await session.ask('PUT', `${path}/a1`, { ...made.body, data: { a: '1' } });
      await session.ask('PUT', `${path}/a1`, { ...made.body, data: { a: '2' } });
    },
  },
  {
    title: 'update: without a change keeps the revision',
    async run(session) {
      const made = await make(session, 'a1');
      await session.ask('PUT', `${path}/a1`, made.body);
      await session.ask('PUT', `${path}/a1`, {
        ...made.body,
        metadata: { name: 'a1', labels: at(made.body, 'metadata.labels') },
      });
    },
  },
  {
    title: 'patch: with a stale revision',
    async run(session) {
      await make(session, 'a1');
      await session.ask(
        'PATCH',
        `${path}/a1`,
        { metadata: { resourceVersion: '1' }, data: { a: '1' } },
        {
          type: 'application/merge-patch+json',
        },
      );
    },
  },
  {
    title: 'delete: preconditions',
    async run(session) {
      const made = await make(session, 'a1');
      const { uid, resourceVersion } = bodyAt(made.body, 'metadata');
      const options = (preconditions: object) => ({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions });
      await session.ask('DELETE', `${path}/a1`, options({ uid: '00000000-0000-0000-0000-000000000000' }));
      await session.ask('DELETE', `${path}/a1`, options({ uid, resourceVersion: '1' }));
      await session.ask('DELETE', `${path}/a1?dryRun=All`);
      await session.ask('DELETE', `${path}/a1`, options({ uid, resourceVersion }));
    },
  },
  {
    title: 'delete: options that make no sense',
    async run(session) {
      await make(session, 'a1');
      const options = (more: object) => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...more });
      await session.ask('DELETE', `${path}/a1`, options({ propagationPolicy: 'Sometimes' }));
      await session.ask(
        'DELETE',
        `${path}/a1`,
        options({ propagationPolicy: 'Orphan', orphanDependents: true }),
      );
      await session.ask('DELETE', `${path}/a1`, { kind: 'Pod', apiVersion: 'v1' });
      await session.ask('DELETE', `${path}/a1?gracePeriodSeconds=-1`);
      await session.ask('DELETE', `${path}/a1?propagationPolicy=Sometimes`);
    },
  },
  {
    title: 'delete: waits for finalizers',
    async run(session) {
      await make(session, 'a1', {
        metadata: { name: 'a1', finalizers: ['example.com/hold', 'example.com/other'] },
      });
      await session.ask('DELETE', `${path}/a1`);
      await session.ask('DELETE', `${path}/a1`);
      const merge = { type: 'application/merge-patch+json' };
      await session.ask('PATCH', `${path}/a1`, { metadata: { finalizers: ['example.com/more'] } }, merge);
      await session.ask('PATCH', `${path}/a1`, { metadata: { finalizers: ['example.com/hold'] } }, merge);
      await session.ask('PATCH', `${path}/a1`, { data: { still: 'writable' } }, merge);
      await session.ask('PATCH', `${path}/a1`, { metadata: { finalizers: null } }, merge);
      await session.ask('GET', `${path}/a1`);
    },
  },
  ...['Foreground', 'Orphan', 'Background'].map((policy) => ({
    title: `delete: propagation ${policy} of a Deployment`,
    async run(session: Session) {
      const sample = sampleOf('Deployment');
      const made = await session.prepare('POST', sample.path, sample.make(session.namespace));
      const object = objectPath(sample, made.body);
      await session.ask('DELETE', object, {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: policy,
      });
      await session.ask('GET', object);
    },
  })),
  {
    title: 'delete: a collection by labels',
    async run(session) {
      await five(session);
      await session.ask('DELETE', `${path}?labelSelector=parity%3Deven`);
      await session.ask('GET', path);
    },
  },
  {
    title: 'delete: a pod that is bound waits for its grace period',
    async run(session) {
      const sample = sampleOf('Pod');
      const pod = sample.make(session.namespace);
      set(pod, 'spec.nodeName', 'node-1');
      await session.prepare('POST', sample.path, pod);
      await session.ask('DELETE', `${sample.path}/sample`);
      await session.ask('DELETE', `${sample.path}/sample?gracePeriodSeconds=5`);
      await session.ask('GET', `${sample.path}/sample`);
      await session.ask('DELETE', `${sample.path}/sample?gracePeriodSeconds=0`);
      await session.ask('GET', `${sample.path}/sample`);
    },
  },
  {
    title: 'namespace: being deleted takes nothing new',
    async run(session) {
      await make(session, 'a1');
      await session.ask('DELETE', '/api/v1/namespaces/{ns}');
      await session.ask('GET', '/api/v1/namespaces/{ns}');
      await session.ask('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } });
      await session.ask('DELETE', '/api/v1/namespaces/{ns}');
    },
  },
];
