import { note } from '../custom-definition.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { protobufCases } from './protobuf.ts';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: 'y' } };

const one = (title: string, ...request: Parameters<Session['ask']>): ContractCase => ({
  title: `http: ${title}`,
  run: async (session) => void (await session.ask(...request)),
});

/** A case that asks for an object in a form. */
const accepting = (accept: string): ContractCase => ({
  title: `http: asked for ${accept}`,
  async run(session) {
    await session.prepare('POST', maps, configMap);
    await session.ask('GET', `${maps}/a`, undefined, { accept });
    await session.ask('GET', `${maps}/none`, undefined, { accept });
  },
});

/** A case that asks for a name that no object can have, in every way in which one can. */
const unusable = (name: string): ContractCase => ({
  title: `http: the name ${name}`,
  async run(session) {
    const own = { ...configMap, metadata: { name: decodeURIComponent(name) } };
    await session.ask('GET', `${maps}/${name}`);
    await session.ask('DELETE', `${maps}/${name}`);
    await session.ask('DELETE', `${maps}/${name}`, '{');
    await session.ask('PUT', `${maps}/${name}`, own);
    await session.ask('PUT', `${maps}/${name}`, configMap);
    await session.ask('POST', maps, own);
    await session.ask('PATCH', `${maps}/${name}`, '{', { type: 'application/merge-patch+json' });
    await session.ask('PATCH', `${maps}/${name}?fieldManager=x`, own, { type: 'application/apply-patch+yaml' });
    await session.ask('GET', `/api/v1/namespaces/${name}`);
    await session.ask('GET', `/api/v1/namespaces/${name}/configmaps`);
    await session.ask('GET', `/api/v1/namespaces/${name}/configmaps?watch=1&timeoutSeconds=1`);
    await session.ask('DELETE', `/api/v1/namespaces/${name}/configmaps`);
    await session.ask('POST', `/api/v1/namespaces/${name}/configmaps`, configMap);
    await session.ask('GET', `/api/v1/namespaces/${name}/configmaps/a`);
    await session.ask('GET', `/apis/apps/v1/namespaces/{ns}/deployments/${name}/scale`);
    await session.ask('PUT', `/apis/apps/v1/namespaces/${name}/deployments/a/status`, { metadata: { name: 'a' } });
  },
});

/** What a server says that is asked to reach into pods which nobody runs. */
const connecting: ContractCase = {
  title: 'http: connections into pods and services',
  async run(session) {
    const containers = [
      { name: 'c', image: 'x' },
      { name: 'd', image: 'y' },
    ];
    const pod = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } });
    await session.prepare('POST', '/api/v1/namespaces/{ns}/serviceaccounts', { metadata: { name: 'default' } });
    await session.prepare('POST', '/api/v1/namespaces/{ns}/pods', pod('free', {}));
    await session.prepare('POST', '/api/v1/namespaces/{ns}/pods', pod('held', { nodeName: 'gone' }));
    await session.prepare('POST', '/api/v1/namespaces/{ns}/services', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
    for (const method of ['GET', 'POST', 'PUT', 'HEAD']) {
      for (const name of ['free', 'held', 'none']) {
        for (const how of ['exec?command=ls', 'exec?container=c', 'attach?container=z', 'attach?container=d', 'portforward', 'proxy', 'proxy/x/y']) {
          await session.ask(method, `/api/v1/namespaces/{ns}/pods/${name}/${how}`);
        }
      }
      for (const name of ['s', 'none', 'http:s:80', 's:90', 'a:b:c:d']) {
        await session.ask(method, `/api/v1/namespaces/{ns}/services/${name}/proxy`);
      }
      await session.ask(method, '/api/v1/nodes/none/proxy/metrics');
    }
    await session.ask('GET', '/api/v1/namespaces/{ns}/pods/held/log?container=c');
  },
};

/** What requests may say of themselves, and methods and paths that nobody serves. */
export const httpCases: readonly ContractCase[] = [
  ...['.', '..', '%2e', 'a%25b', 'a%2Fb'].map(unusable),
  connecting,
  ...[
    '/apis/apps//v1',
    '/apis/apps/v2',
    '/api/v2',
    '/api/v1/nodes//',
    '/api/v1/namespaces/{ns}/configmaps/%2F/x',
    '/api/v1/namespaces/%2F/configmaps',
    '/api/v1/configmaps/a',
    '/apis/apps/v1/deployments/a/scale',
    '/api/v1/bindings',
    '/api/v1/watch',
    '/apis/apps/v1/watch/',
    '/api/v1/namespaces/{ns}/watch',
    '/api/v1/nodes/none?pretty=true#part',
    '/version/',
    '/version/x',
    '/healthz/',
    '/healthz/x',
    '/livez/ping',
    '/readyz/poststarthook',
    '/readyz/poststarthook/rbac/bootstrap-roles?verbose',
    '/readyz?verbose',
    '/livez?verbose&exclude=etcd&exclude=ping',
    '/healthz?verbose&exclude=none&exclude=any',
    '/livez?exclude=etcd',
    '/.well-known/openid-configuration',
    '/openid/v1/jwks',
    '/logs',
  ].map((path) => one(`GET ${path}`, 'GET', path)),
  ...['POST', 'OPTIONS', 'HEAD'].flatMap((method) =>
    ['/apis/apps', '/version', '/readyz', '/openid/v1/jwks', '/api/v1/watch/configmaps', '/api/v1/configmaps/a'].map((path) =>
      one(`${method} ${path}`, method, path),
    ),
  ),
  one('a review of no token', 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: {} }),
  ...[
    'application/json',
    'application/*',
    '*/*',
    'text/plain',
    'text/plain, application/json',
    'application/json; charset=utf-8',
    'application/json;as=Table',
    'application/json;as=Table;g=meta.k8s.io;v=v1',
    'application/json;as=Table;g=meta.k8s.io;v=v2',
    'application/json;as=Chair;g=meta.k8s.io;v=v1',
    'application/json;as=Chair;g=meta.k8s.io;v=v1, application/json',
    'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    'application/json;stream=watch',
    'application/json;pretty=1',
  ].map(accepting),
  ...['PUT', 'PATCH', 'POST', 'DELETE'].map((method) => one(`${method} of the group`, method, '/apis/apps/v1', {})),
  ...['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'].map((method) => one(`${method} of a collection`, method, maps)),
  ...['HEAD', 'OPTIONS'].map((method) => one(`${method} of what is not there`, method, `${maps}/none`)),
  one('POST of a status', 'POST', '/api/v1/namespaces/{ns}/pods/a/status', {}),
  one('DELETE of a status', 'DELETE', '/api/v1/namespaces/{ns}/pods/a/status'),
  one('GET of an eviction', 'GET', '/api/v1/namespaces/{ns}/pods/a/eviction'),
  one('GET of a binding', 'GET', '/api/v1/namespaces/{ns}/bindings'),
  one('GET of a review', 'GET', '/apis/authorization.k8s.io/v1/subjectaccessreviews'),
  one('a path with a slash at its end', 'GET', `${maps}/`),
  one('a path with two slashes', 'GET', '/api/v1//namespaces'),
  one('a path below a subresource', 'GET', '/api/v1/namespaces/{ns}/pods/a/status/more'),
  ...['/', '/index.html'].map((path): ContractCase => ({
    title: `http: the paths below ${path}`,
    async run(session) {
      const { status, body } = await session.attempt('GET', path);
      // Other cases have groups of their own, which come and go.
      const found = Array.isArray(body['paths']) ? body['paths'].map(String) : [];
      note(session, `GET ${path}`, { status, paths: found.filter((one) => !one.includes('example.com')) });
    },
  })),
  one('a root that nobody serves', 'GET', '/nothing/at/all'),
  one('pretty', 'GET', `${maps}?pretty=true`),
  one('a body of another type than it says', 'POST', maps, '{"a":1}', { type: 'application/yaml' }),
  one('a body with a charset', 'POST', maps, configMap, { type: 'application/json; charset=utf-8' }),
  one('a body of a type in capitals', 'POST', maps, configMap, { type: 'Application/JSON' }),
  one('a body without a type', 'POST', maps, configMap, { type: '' }),
  one('a body of a type that is none', 'POST', maps, configMap, { type: 'json' }),
  one('a body of text', 'POST', maps, 'hello', { type: 'text/plain' }),
  one('a patch of a type that is none', 'PATCH', `${maps}/a`, {}, { type: 'application/xml' }),
  one('a patch without a type', 'PATCH', `${maps}/a`, {}, { type: '' }),
  one('a body of many megabytes', 'POST', maps, { ...configMap, data: { x: 'z'.repeat(3_500_000) } }),
  one('a body that etcd cannot keep', 'POST', '/api/v1/namespaces/{ns}/endpoints', {
    ...sampleOf('Endpoints').make(''),
    metadata: { name: 'big', annotations: { a: 'z'.repeat(250_000) } },
    subsets: Array.from({ length: 14_000 }, (_, index) => ({
      addresses: [{ ip: '192.168.1.7', hostname: `host-${String(index)}-${'z'.repeat(40)}` }],
      ports: [{ port: 80 }],
    })),
  }),
  one('a body that is deep', 'POST', maps, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"x":${'['.repeat(100)}${']'.repeat(100)}}`),
  one('a body with text after it', 'POST', maps, `${JSON.stringify(configMap)} more`),
  one('a body with a byte order mark', 'POST', maps, `\uFEFF${JSON.stringify(configMap)}`),
  one('an authorization that is none', 'GET', maps, undefined, { headers: { authorization: 'Basic eDp5' } }),
  one('a bearer without a token', 'GET', maps, undefined, { headers: { authorization: 'Bearer ' } }),
  one('a group without a user', 'GET', maps, undefined, { headers: { 'impersonate-group': 'x' } }),
  one('a name that a path cannot have', 'GET', `${maps}/a%2Fb`),
  one('a name that is encoded', 'GET', `${maps}/a%20b`),
  ...['dryRun=All', 'dryRun=', 'dryRun=All&dryRun=All', 'dryRun=All&dryRun=Some', 'fieldManager=', 'fieldValidation=', 'fieldValidation=strict'].map(
    (query): ContractCase => ({
      title: `http: written with ${query}`,
      async run(session) {
        await session.ask('POST', `${maps}?${query}`, configMap);
        await session.ask('PUT', `${maps}/a?${query}`, { ...configMap, data: { x: 'z' } });
        await session.ask('PATCH', `${maps}/a?${query}`, { data: { x: 'w' } }, { type: 'application/merge-patch+json' });
        await session.ask('GET', `${maps}/a`);
      },
    }),
  ),
  ...protobufCases,
];
