import { bodyAt } from '../body.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const configMaps = '/api/v1/namespaces/{ns}/configmaps';
const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';

/** A case that sends one request. */
const one = (title: string, ...request: Parameters<Session['ask']>): ContractCase => ({
  title,
  run: async (session) => void (await session.ask(...request)),
});

const configMap = (more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  ...more,
});
const anonymous = { headers: { authorization: '' } };

/** Routing, discovery, negotiation and requests that make no sense. */
export const requestCases: readonly ContractCase[] = [
  ...[
    '/api',
    '/apis',
    '/api/v1',
    '/apis/apps',
    '/apis/apps/v1',
    '/apis/batch/v1',
    '/apis/autoscaling',
    '/apis/autoscaling/v1',
    '/apis/autoscaling/v2',
    '/apis/policy/v1',
    '/apis/networking.k8s.io/v1',
    '/apis/rbac.authorization.k8s.io/v1',
    '/apis/storage.k8s.io/v1',
    '/apis/apiextensions.k8s.io/v1',
    '/apis/coordination.k8s.io/v1',
    '/apis/discovery.k8s.io/v1',
    '/apis/events.k8s.io/v1',
    '/apis/scheduling.k8s.io/v1',
    '/apis/admissionregistration.k8s.io/v1',
    '/apis/authentication.k8s.io/v1',
    '/apis/authorization.k8s.io/v1',
    '/version',
    '/healthz',
    '/livez',
    '/readyz',
    '/nothing',
    '/apis/nothing.example.com/v1',
    '/apis/nothing.example.com/v1/things',
    '/apis/apps/v9/deployments',
    '/apis/apps/v1/nothing',
    '/api/v1/nothing',
    '/api/v2/pods',
    '/api/v1/namespaces/{ns}/nothing',
    '/api/v1/namespaces/{ns}/nodes',
    '/api/v1/nodes/none',
    '/api/v1/namespaces/none/configmaps',
    '/api/v1/namespaces/none/configmaps/none',
    '/api/v1/namespaces/{ns}/configmaps/none',
    '/api/v1/namespaces/{ns}/configmaps/none/status',
    '/apis/apps/v1/namespaces/{ns}/deployments/none/scale',
    '/apis/apps/v1/namespaces/{ns}/deployments/none/status',
    '/api/v1/configmaps?fieldSelector=metadata.name%3Dnone',
  ].map((path) => one(`GET ${path}`, 'GET', path)),
  one('aggregated discovery of the core group', 'GET', '/api', undefined, {
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  }),
  one('aggregated discovery of all groups', 'GET', '/apis', undefined, {
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  }),
  one('POST to an object', 'POST', `${configMaps}/a`, configMap()),
  one('PUT to a collection', 'PUT', configMaps, configMap()),
  one('PATCH of a collection', 'PATCH', configMaps, {}, { type: 'application/merge-patch+json' }),
  one('POST across namespaces', 'POST', '/api/v1/configmaps', configMap()),
  one('DELETE of what is not there', 'DELETE', `${configMaps}/none`),
  one('PUT of what is not there', 'PUT', `${configMaps}/a`, configMap()),
  one('PUT with another name', 'PUT', `${configMaps}/b`, configMap()),
  one(
    'PATCH of what is not there',
    'PATCH',
    `${configMaps}/none`,
    {},
    { type: 'application/merge-patch+json' },
  ),
  one('POST into a namespace that is not there', 'POST', '/api/v1/namespaces/none/configmaps', configMap()),
  one('POST of text that is not JSON', 'POST', configMaps, '{"apiVersion": "v1", "kind": '),
  one('POST of an empty body', 'POST', configMaps, ''),
  one('POST of a list', 'POST', configMaps, '[]'),
  one('POST of null', 'POST', configMaps, 'null'),
  one('POST of another kind', 'POST', configMaps, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }),
  one('POST of an unknown kind', 'POST', configMaps, {
    apiVersion: 'v1',
    kind: 'Gadget',
    metadata: { name: 'a' },
  }),
  one('POST of another version', 'POST', deployments, {
    ...sampleOf('Deployment').make(''),
    apiVersion: 'apps/v1beta1',
  }),
  one('POST with a content type that nobody speaks', 'POST', configMaps, 'x', { type: 'text/csv' }),
  one('PATCH with a plain JSON type', 'PATCH', `${configMaps}/a`, {}, { type: 'application/json' }),
  one('GET of a form that nobody serves', 'GET', configMaps, undefined, { accept: 'text/csv' }),
  one('GET as YAML', 'GET', `${configMaps}/none`, undefined, { accept: 'application/yaml' }),
  one(
    'POST of YAML',
    'POST',
    configMaps,
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata: {a: "1"}\n',
    {
      type: 'application/yaml',
    },
  ),
  one('POST without a token', 'POST', configMaps, configMap(), anonymous),
  one('GET with a wrong token', 'GET', configMaps, undefined, { headers: { authorization: 'Bearer wrong' } }),
  one('who am I', 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  }),
  one(
    'who am I when I impersonate',
    'POST',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    {
      headers: {
        'impersonate-user': 'ada',
        'impersonate-group': 'serving',
        'impersonate-uid': '7',
        'impersonate-extra-team': 'ml',
      },
    },
  ),
  one(
    'who am I when I impersonate a service account',
    'POST',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    { headers: { 'impersonate-user': 'system:serviceaccount:ml:deployer' } },
  ),
  one('may I', 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  }),
  ...['Ignore', 'Warn', 'Strict', 'Perhaps'].map((level) =>
    one(
      `unknown and repeated fields, fieldValidation=${level}`,
      'POST',
      `${deployments}?fieldValidation=${level}`,
      {
        ...sampleOf('Deployment').make(''),
        spec: { ...bodyAt(sampleOf('Deployment').make(''), 'spec'), replica: 3, strategy: { typ: 'x' } },
      },
    ),
  ),
  ...['Warn', 'Strict'].map((level) =>
    one(
      `a field given twice, fieldValidation=${level}`,
      'POST',
      `${configMaps}?fieldValidation=${level}`,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1"},"data":{"a":"2"}}',
    ),
  ),
  one('a dry run', 'POST', `${configMaps}?dryRun=All`, configMap()),
  one('a dry run of a kind that there is none of', 'POST', `${configMaps}?dryRun=Some`, configMap()),
  one(
    'a field manager that is too long',
    'POST',
    `${configMaps}?fieldManager=${'m'.repeat(129)}`,
    configMap(),
  ),
  one('a field manager that cannot be printed', 'POST', `${configMaps}?fieldManager=%07`, configMap()),
  one('a generated name', 'POST', configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { generateName: 'made-' },
  }),
  one('a delete of the whole collection with nothing in it', 'DELETE', configMaps),
  one('a bad limit', 'GET', `${configMaps}?limit=many`),
  one('a bad label selector', 'GET', `${configMaps}?labelSelector=a%20in`),
  one('a bad field selector', 'GET', `${configMaps}?fieldSelector=data.a%3D1`),
  one('a field selector without an operator', 'GET', `${configMaps}?fieldSelector=metadata.name`),
  one('a list from a revision that is no number', 'GET', `${configMaps}?resourceVersion=soon`),
  one('a match without a revision', 'GET', `${configMaps}?resourceVersionMatch=Exact`),
  one('an unknown match', 'GET', `${configMaps}?resourceVersion=1&resourceVersionMatch=Nearly`),
  one('an exact match of zero', 'GET', `${configMaps}?resourceVersion=0&resourceVersionMatch=Exact`),
  one('a continue token that is none', 'GET', `${configMaps}?continue=nonsense`),
  one('initial events without a watch', 'GET', `${configMaps}?sendInitialEvents=true`),
];
