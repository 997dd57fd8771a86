import { established, sharedGroup } from '../custom-definition.ts';
import type { ContractCase, Session } from '../session.ts';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const servers = `/apis/${sharedGroup}/v1/namespaces/{ns}/modelservers`;
const server = { apiVersion: `${sharedGroup}/v1`, kind: 'ModelServer', metadata: { name: 'a' }, spec: { model: 'ab' } };
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
const own = '?labelSelector=case%3D{ns}';

/** A case of requests that only differ in their path. */
const paths = (title: string, method: string, body: unknown, all: readonly string[]): ContractCase => ({
  title: `odd: ${title}`,
  async run(session) {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    for (const path of all) await session.ask(method, path, body, { type });
  },
});

const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { name: 'n' } };

const otherBodies = [
  { kind: 'ConfigMap', apiVersion: 'v1' },
  { kind: 'Pod', apiVersion: 'apps/v1' },
  { kind: 'DeleteOptions', apiVersion: 'apps/v1' },
  { kind: 'DeleteOptions', apiVersion: 'x/v1' },
  { kind: 'DeleteOptions' },
  { kind: 'Foo' },
  { kind: 'Foo', apiVersion: '' },
  { kind: 'Foo', apiVersion: 'a/b/c' },
  { kind: 'DeleteOptions', apiVersion: 'a/b/c' },
  { apiVersion: 'v2' },
  { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' },
  { kind: 'UpdateOptions' },
  { kind: 'Status', apiVersion: 'v1' },
];

/** What asks for a form, and what is asked for. */
const forms = [
  'application/json;as=Table;g=meta.k8s.io;v=v1beta1',
  'application/json;as=Table;g=meta.k8s.io;v=v1beta1,application/json',
  'application/json;as=Table;g=meta.k8s.io;v=v2,application/json',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1',
  'application/*',
  'application/*, text/plain',
  'application/*;as=Table;g=meta.k8s.io;v=v1',
  '*/*;as=Table;g=meta.k8s.io;v=v1',
  'application/yaml',
];

const shapes = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'];

const formCases = (made: string, path: string, prepare: (session: Session) => Promise<void>) =>
  forms.map((accept): ContractCase => ({
    title: `odd: ${made} as ${accept}`,
    async run(session) {
      await prepare(session);
      await session.ask('GET', `${path}/a`, undefined, { accept });
      await session.ask('GET', path, undefined, { accept });
      await session.ask('DELETE', `${path}/none`, undefined, { accept });
    },
  }));

/** Requests that nobody means to send, and what is made of them. */
export const oddRequestCases: readonly ContractCase[] = [
  paths('paths with an empty part', 'GET', undefined, [
    `/api/v1/namespaces//configmaps${own}`,
    `/api/v1/namespaces//configmaps/${own}`,
    `/api/v1/namespaces/%2Fconfigmaps${own}`,
    '/api/v1/namespaces//configmaps/x',
    '/api/v1/namespaces//pods/x/status',
    '/api/v1/namespaces//pods/x/log',
    '/api/v1/namespaces//nodes',
    '/api/v1/namespaces//nothing',
    '/api/v1/namespaces//pods//status',
    '/api/v1/namespaces//status',
    `/api/v1/namespaces/{ns}/configmaps/`,
    '/api/v1/namespaces/{ns}/configmaps//',
    '/api/v1/namespaces/{ns}/configmaps//a',
    '/api/v1/namespaces/{ns}/configmaps/a//',
    '/api/v1/namespaces/{ns}/pods//status',
    '/api/v1/namespaces/{ns}/pods//log',
    '/api/v1/namespaces/{ns}/pods//binding',
    '/api/v1/namespaces/{ns}/pods//nothing',
    '/api/v1/namespaces/{ns}/pods/x//status',
    '/api/v1/namespaces/{ns}//pods',
    '/api/v1//configmaps',
    '/api//configmaps',
    '/api/v1/nodes//status',
    `/api/v1/nodes//${own}`,
    '/api/v1/nodes//x',
    '/apis//v1/configmaps',
    '/apis/apps//deployments',
    '/apis/apps/v1//deployments',
    `/apis/apps/v1/namespaces//deployments${own}`,
    '/apis/apps/v1/namespaces//deployments/x',
    '/apis/apps/v1/namespaces//deployments/x/scale',
    '/apis/apps/v1/namespaces/{ns}/deployments//scale',
    '/api/v1/watch//configmaps?timeoutSeconds=1',
    '/api/v1/watch/namespaces//configmaps?timeoutSeconds=1&labelSelector=case%3D{ns}',
  ]),
  ...['POST', 'PUT', 'DELETE', 'PATCH'].map((method) =>
    paths(`${method} to paths with an empty part`, method, method === 'DELETE' ? undefined : configMap, [
      '/api/v1/namespaces//configmaps',
      '/api/v1/namespaces//configmaps/a',
      '/api/v1/namespaces/{ns}/configmaps//',
      '/api/v1/namespaces/{ns}/configmaps//x',
      '/api/v1/namespaces/{ns}/pods//status',
      '/api/v1/namespaces/{ns}/pods//eviction',
    ]),
  ),
  {
    title: 'odd: paths of custom kinds with an empty part',
    async run(session) {
      await established(session);
      const nowhere = servers.replace('{ns}', '');
      const odd = [nowhere + own, `${nowhere}/x`, `${servers}//status`, `${servers}//x`, `${servers}//`];
      for (const path of odd) await session.ask('GET', path);
      for (const method of ['PUT', 'DELETE', 'POST']) {
        await session.ask(method, `${nowhere}/x`, method === 'DELETE' ? undefined : server);
        await session.ask(method, `${servers}//x`, method === 'DELETE' ? undefined : server);
      }
    },
  },
  paths('bindings by their older path', 'POST', binding, ['/api/v1/bindings', '/api/v1/namespaces/{ns}/bindings', '/api/v1/namespaces//bindings']),
  paths('bindings that are asked for', 'GET', undefined, [
    '/api/v1/bindings',
    '/api/v1/namespaces/{ns}/bindings',
    '/api/v1/namespaces/{ns}/bindings/x',
  ]),
  paths('the status of a component', 'GET', undefined, [
    '/api/v1/componentstatuses/etcd-0/status',
    '/api/v1/namespaces/{ns}/componentstatuses',
  ]),
  paths('the status of a component, made', 'POST', {}, ['/api/v1/componentstatuses', '/api/v1/componentstatuses/etcd-0']),
  paths('the status of a component, deleted', 'DELETE', undefined, ['/api/v1/componentstatuses', '/api/v1/componentstatuses/etcd-0']),
  ...otherBodies.map((body): ContractCase => ({
    title: `odd: deletion with ${JSON.stringify(body)}`,
    async run(session) {
      await session.ask('DELETE', `${maps}/none`, body);
      await session.ask('DELETE', `${maps}?dryRun=All`, body);
      await session.ask('DELETE', '/apis/apps/v1/namespaces/{ns}/deployments/none', body);
    },
  })),
  paths('export', 'GET', undefined, [
    '/api/v1/namespaces/{ns}?export=true',
    '/api/v1/namespaces/none?export=',
    `/api/v1/configmaps${own}&export=true`,
    '/api/v1/namespaces/{ns}?exact=true',
    '/api/v1/namespaces/{ns}/pods/none/status?export=true',
    '/apis/apps/v1/namespaces/{ns}/deployments/none/scale?export=true',
  ]),
  {
    title: 'odd: truth in the query of a deletion',
    async run(session) {
      const path = '/apis/apps/v1/namespaces/{ns}/replicasets';
      const labels = { app: 'a' };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } };
      const spec = { replicas: 0, selector: { matchLabels: labels }, template };
      for (const truth of ['maybe', '', '1', 'True', 'TRUE', 't', '0', 'false', 'False', 'no']) {
        await session.prepare('POST', path, { metadata: { name: 'a', finalizers: ['example.com/held'] }, spec });
        await session.ask('DELETE', `${path}/a?orphanDependents=${truth}`);
        await session.ask('DELETE', `${path}/a?orphanDependents=${truth}&propagationPolicy=Orphan`);
        await session.ask('DELETE', `${path}?dryRun=All&orphanDependents=${truth}`);
        await session.attempt('PATCH', `${path}/a`, { metadata: { finalizers: null } }, { type: 'application/merge-patch+json' });
      }
    },
  },
  paths('numbers and truth in the query of a list', 'GET', undefined, [
    ...['timeoutSeconds=-1', 'watch=0', 'watch=false', 'watch=False'],
    ...['watch=maybe&timeoutSeconds=1', 'watch=&timeoutSeconds=1', 'watch=TRUE&timeoutSeconds=1', 'limit=-1'],
    ...['sendInitialEvents=maybe', 'allowWatchBookmarks=maybe', 'watch=1&timeoutSeconds=x', 'timeoutSeconds='],
    ...['watch=1&timeoutSeconds=1&timeoutSeconds=x', 'limit=1&limit=x', 'watch=0&watch=1', 'limit='],
  ].map((query) => `${maps}?${query}`)),
  ...formCases('config maps', maps, async (session) => void (await session.prepare('POST', maps, configMap))),
  ...formCases('a custom kind', servers, async (session) => {
    await established(session);
    await session.prepare('POST', servers, server);
  }),
  ...['application/vnd.kubernetes.protobuf', 'application/yaml', 'application/*', 'text/plain', '*/*'].map(
    (accept): ContractCase => ({
      title: `odd: documents as ${accept}`,
      async run(session) {
        for (const path of ['/openapi/v3/api/v1', '/openapi/v3/none', '/version', '/api/v1', '/apis', '/apis/apps', '/openapi/v3']) {
          const answer = await session.attempt('GET', path, undefined, { accept });
          // What is written is as long as the server is, and compared elsewhere.
          if (answer.status !== 200) await session.ask('GET', path, undefined, { accept });
        }
      },
    }),
  ),
  ...shapes.flatMap((as) =>
    ['v1', 'v1beta1'].map((version): ContractCase => ({
      title: `odd: a watch as ${as} of ${version}`,
      async run(session) {
        const accept = `application/json;as=${as};g=meta.k8s.io;v=${version}`;
        await session.prepare('POST', maps, configMap);
        const query = 'watch=1&timeoutSeconds=1';
        await session.ask('GET', `${maps}?${query}`, undefined, { accept });
      },
    })),
  ),
];
