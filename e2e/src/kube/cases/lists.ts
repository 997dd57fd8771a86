import { itemsAt, textAt } from '../body.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const merge = { type: 'application/merge-patch+json' };
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

const configMap = (name: string, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
});

async function makeFive(session: Session): Promise<string> {
  let revision = '';
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const made = await session.prepare('POST', maps, configMap(name, { odd: String('ace'.includes(name)) }));
    revision = textAt(made.body, 'metadata.resourceVersion');
  }
  return revision;
}

/** Waits until what is answered from caches, as old as the server likes, has all five. */
async function cached(session: Session): Promise<void> {
  const answer = () => session.attempt('GET', `${maps}?resourceVersion=0`);
  await until(async () => itemsAt((await answer()).body, 'items').length === 5, 'the cache has not seen the last writes');
}

/** A case over five config maps; `{rv}` in a query stands for the revision of the last. */
const listed = (title: string, queries: readonly string[], accept?: string): ContractCase => ({
  title: `list: ${title}`,
  async run(session) {
    const revision = await makeFive(session);
    for (const query of queries) {
      const path = `${maps}?${query.replaceAll('{rv}', revision)}`;
      await session.ask('GET', path, undefined, accept === undefined ? {} : { accept });
    }
  },
});

const watched = (title: string, query: string, count: number, accept?: string): ContractCase => ({
  title: `watch: ${title}`,
  async run(session) {
    const revision = await makeFive(session);
    const watching = await session.watch(`${maps}?watch=true&${query.replaceAll('{rv}', revision)}`, accept);
    await session.prepare('PATCH', `${maps}/a`, { metadata: { labels: { odd: 'false' } } }, merge);
    await session.prepare('PATCH', `${maps}/b`, { metadata: { labels: { odd: 'true' } } }, merge);
    await session.prepare('PATCH', `${maps}/c`, { data: { x: 'y' } }, merge);
    await session.prepare('DELETE', `${maps}/d`);
    await session.prepare('DELETE', `${maps}/e`);
    await watching.expect(count);
  },
});

const token = (content: object | string): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64url');

/** Tokens of pages that no server gave, as what they hold. */
const strangeTokens: readonly (object | string)[] = [
  ...['/../..', '../..', '//a', '/a/', '/a/./b', 'a', '/', '', 5].map((start) => ({ v: 'meta.k8s.io/v1', rv: -1, start })),
  ...[0, 999_999_999, '5', 5.5, null].map((rv) => ({ v: 'meta.k8s.io/v1', rv, start: '/a' })),
  ...['v2', '', 1].map((v) => ({ v, rv: -1, start: '/a' })),
  ...['nonsense', '[]', 'null', '"x"', '5', 'true', '{', '{}', ' ', '{"v":"meta.k8s.io/v1","rv":-1,"start":"/a"} x'],
];

/** Lists, pages and watches. */
export const listCases: readonly ContractCase[] = [
  ...strangeTokens.map((content) =>
    listed(`from a page that was never told of, ${JSON.stringify(content)}`, [`continue=${token(content)}`]),
  ),
  listed(
    'from a page that cannot be decoded',
    ['a', 'abcd=', 'ab+/', 'ab%20cd', '%C3%A4', '!!!!', 'e30=', 'bad&resourceVersion=1'].map((text) => `continue=${text}`),
  ),
  listed('from a revision that no server has', [
    ...['18446744073709551616', '18446744073709551615', '9223372036854775808', '-1', '1.5', '007', '%2B1'].map(
      (revision) => `resourceVersion=${revision}`,
    ),
    'watch=1&timeoutSeconds=1&resourceVersion=18446744073709551616',
    'watch=1&timeoutSeconds=1&resourceVersion=-1',
    'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999999',
  ]),
  listed('with numbers that are empty, and truths that are none', [
    ...['limit=', 'limit=-1', 'limit=1.5', 'limit=99999999999999999999', 'limit=2&limit=3', 'timeoutSeconds=', 'timeoutSeconds=-1'],
    ...['watch=false', 'watch=0', 'watch=&timeoutSeconds=1', 'sendInitialEvents=', 'sendInitialEvents=false', 'resourceVersionMatch=', 'continue='],
  ]),
  listed('as watches whose options do not fit together', [
    ...['continue=abc', 'resourceVersion=1&resourceVersionMatch=Exact', 'resourceVersionMatch=Nearly&continue=abc&sendInitialEvents=false'].map(
      (query) => `watch=1&timeoutSeconds=1&${query}`,
    ),
  ]),
  ...['timeout=abc', 'timeout=1', 'timeout=5d', 'timeout=-5s', 'timeout=1h30m', 'resourceVersion=abc', 'resourceVersion=999999999', 'resourceVersion=0'].map(
    (query): ContractCase => ({
      title: `list: one object with ${query}`,
      async run(session) {
        await makeFive(session);
        if (query === 'resourceVersion=0') await cached(session);
        await session.ask('GET', `${maps}/a?${query}`);
        await session.ask('DELETE', `${maps}/b?${query}`);
      },
    }),
  ),
  {
    title: 'delete: of all that is selected, with preconditions and policies, tried only',
    async run(session) {
      await makeFive(session);
      await session.ask('DELETE', maps, { preconditions: { uid: 'x' } });
      await session.ask('DELETE', maps, { dryRun: ['All'], propagationPolicy: 'Foreground' });
      await session.ask('DELETE', `${maps}?limit=2&dryRun=All`);
      for (const query of ['limit=abc', 'continue=bad', 'resourceVersionMatch=Exact', 'sendInitialEvents=true', 'propagationPolicy=x']) {
        await session.ask('DELETE', `${maps}?${query}`);
      }
      await session.ask('GET', maps);
    },
  },
  {
    title: 'list: from any revision',
    async run(session) {
      await makeFive(session);
      await cached(session);
      for (const query of ['resourceVersion=0', 'resourceVersion=0&limit=2']) await session.ask('GET', `${maps}?${query}`);
    },
  },
  listed('at a revision', [
    'resourceVersion={rv}&resourceVersionMatch=Exact',
    'resourceVersion={rv}&resourceVersionMatch=NotOlderThan',
    'resourceVersion={rv}&limit=2',
    'resourceVersion={rv}',
  ]),
  listed('at a revision that is to come', ['resourceVersion=999999999&resourceVersionMatch=Exact']),
  listed('with a match that makes no sense', [
    'resourceVersionMatch=NotOlderThan',
    'resourceVersion=0&resourceVersionMatch=Exact',
    'resourceVersion={rv}&resourceVersionMatch=Sometimes',
    'resourceVersion={rv}&resourceVersionMatch=Exact&limit=2&continue=abc',
  ]),
  listed('by labels', [
    'labelSelector=odd%3Dtrue',
    'labelSelector=odd%21%3Dtrue',
    'labelSelector=odd',
    'labelSelector=%21odd',
    'labelSelector=odd%20in%20(true,maybe)',
    'labelSelector=odd%20notin%20(true)',
    'labelSelector=odd%3Dtrue%2Codd%3Dfalse',
    'labelSelector=odd%20%3E%203',
    'labelSelector=bad%20key%3Dx',
    'labelSelector=a%3Dbad%20value%21',
    'labelSelector=%3D',
    'labelSelector=a%20in%20()',
  ]),
  listed('by fields', [
    'fieldSelector=metadata.name%3Da',
    'fieldSelector=metadata.name%21%3Da',
    'fieldSelector=metadata.name%3Da%2Cmetadata.namespace%3Dnone',
    'fieldSelector=metadata.labels%3Da',
    'fieldSelector=metadata.name',
  ]),
  listed('with limits that make no sense', ['limit=-1', 'limit=0', 'limit=x', 'limit=2.5', 'limit=99999999999999999999']),
  listed('with options that are ignored', ['pretty=true', 'timeoutSeconds=5', 'allowWatchBookmarks=true', 'nonsense=1']),
  listed('with booleans that are none', ['allowWatchBookmarks=maybe']),
  listed('with a time that is none', ['timeoutSeconds=soon']),
  listed('as tables', ['limit=2', 'labelSelector=odd%3Dtrue', 'includeObject=None', 'includeObject=Object', 'includeObject=All'], table),
  listed('as metadata', ['limit=2'], partialList),
  listed('as the metadata of one', ['limit=2'], partial),
  {
    title: 'list: page by page, by labels too',
    async run(session) {
      await makeFive(session);
      const first = await session.ask('GET', `${maps}?limit=2`);
      const token = textAt(first.body, 'metadata.continue');
      const second = await session.ask('GET', `${maps}?limit=2&continue=${token}`);
      await session.ask('GET', `${maps}?limit=2&continue=${textAt(second.body, 'metadata.continue')}`);
      const some = await session.ask('GET', `${maps}?limit=1&labelSelector=odd%3Dtrue`);
      const more = textAt(some.body, 'metadata.continue');
      await session.ask('GET', `${maps}?limit=5&labelSelector=odd%3Dtrue&continue=${more}`);
      await session.ask('GET', `${maps}?continue=${token}`);
      await session.ask('GET', `${maps}?limit=2&continue=${token}&resourceVersion=1`);
    },
  },
  {
    title: 'list: pages do not see what comes later',
    async run(session) {
      await makeFive(session);
      const first = await session.ask('GET', `${maps}?limit=2`);
      await session.prepare('POST', maps, configMap('bb'));
      await session.prepare('DELETE', `${maps}/e`);
      await session.ask('GET', `${maps}?continue=${textAt(first.body, 'metadata.continue')}`);
      await session.ask('GET', maps);
    },
  },
  {
    title: 'list: of nothing, in forms',
    async run(session) {
      await session.ask('GET', maps);
      await session.ask('GET', maps, undefined, { accept: table });
      await session.ask('GET', `${maps}?limit=1`, undefined, { accept: partialList });
    },
  },
  watched('from a revision', 'resourceVersion={rv}', 5),
  watched('from any revision', 'resourceVersion=0', 10),
  watched('from now', '', 10),
  watched('by labels: objects enter and leave', 'resourceVersion={rv}&labelSelector=odd%3Dtrue', 4),
  watched('by name', 'resourceVersion={rv}&fieldSelector=metadata.name%3Dc', 1),
  watched('as tables', 'resourceVersion={rv}', 5, table),
  watched('as metadata', 'resourceVersion={rv}', 5, partial),
  {
    // Nothing happens meanwhile: servers send bookmarks at times of their own.
    title: 'watch: with initial events',
    async run(session) {
      await makeFive(session);
      const asked = 'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
      const watching = await session.watch(`${maps}?watch=true&${asked}`);
      await watching.expect(6);
    },
  },
  watched('without initial events', 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion={rv}', 5),
  ...[
    'sendInitialEvents=true',
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    'resourceVersionMatch=NotOlderThan&resourceVersion=1',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    'resourceVersion=soon',
    'labelSelector=bad%20key%3Dx',
    'fieldSelector=data%3Dx',
    'timeoutSeconds=soon',
  ].map(
    (query): ContractCase => ({
      title: `watch: refused, ${query}`,
      async run(session) {
        await session.ask('GET', `${maps}?watch=true&timeoutSeconds=1&${query}`);
      },
    }),
  ),
  {
    title: 'watch: until the time is up',
    async run(session) {
      await makeFive(session);
      const watching = await session.watch(`${maps}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da`);
      await watching.end();
    },
  },
  {
    title: 'watch: of one object by the old path',
    async run(session) {
      await makeFive(session);
      const watching = await session.watch('/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1');
      await watching.end();
    },
  },
  {
    title: 'delete: of what is selected',
    async run(session) {
      await makeFive(session);
      await session.ask('DELETE', `${maps}?labelSelector=odd%3Dtrue`);
      await session.ask('GET', maps);
      await session.ask('DELETE', `${maps}?dryRun=All`);
      await session.ask('DELETE', `${maps}?limit=1`);
      await session.ask('GET', maps);
    },
  },
  ...[
    [{ gracePeriodSeconds: -1 }],
    [{ gracePeriodSeconds: 'soon' }],
    [{ propagationPolicy: 'Sideways' }],
    [{ propagationPolicy: 'Orphan', orphanDependents: true }],
    [{ orphanDependents: true }],
    [{ dryRun: ['All'] }],
    [{ dryRun: ['Some'] }],
    [{ preconditions: { uid: 'x' } }],
    [{ preconditions: { resourceVersion: '1' } }],
    [{ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' }],
    [{ apiVersion: 'apps/v1', kind: 'DeleteOptions' }],
    [{ apiVersion: 'v1', kind: 'Pod' }],
    [{ unknown: true }],
    ['[]'],
    ['{'],
    ['text'],
  ].map(
    ([body]): ContractCase => ({
      title: `delete: with ${JSON.stringify(body)}`,
      async run(session) {
        await session.prepare('POST', maps, configMap('a'));
        await session.ask('DELETE', `${maps}/a`, body);
        await session.ask('GET', `${maps}/a`);
      },
    }),
  ),
  ...['gracePeriodSeconds=-1', 'gracePeriodSeconds=x', 'propagationPolicy=Sideways', 'dryRun=Some', 'dryRun=All', 'orphanDependents=maybe'].map(
    (query): ContractCase => ({
      title: `delete: with ${query}`,
      async run(session) {
        await session.prepare('POST', maps, configMap('a'));
        await session.ask('DELETE', `${maps}/a?${query}`);
        await session.ask('GET', `${maps}/a`);
      },
    }),
  ),
];
