import { at, textAt } from '../body.ts';
import type { Body } from '../body.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const merge = { type: 'application/merge-patch+json' };
const home = '/api/v1/namespaces/{ns}';

const pod = (name: string, resources: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'server', image: 'x', resources }], ...spec },
});

const limitRange = (...limits: readonly object[]) => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'range' },
  spec: { limits },
});

/** A case that sends pods into a namespace with limits. */
const limited = (title: string, limits: readonly object[], ...pods: readonly object[]): ContractCase => ({
  title: `limits: ${title}`,
  async run(session) {
    await session.prepare('POST', `${home}/limitranges`, limitRange(...limits));
    for (const one of pods) await session.ask('POST', `${home}/pods`, one);
  },
});

/** An object to try, and the resource that it is of. */
type Tried = readonly [resource: string, object: object];

/** Tries an object until what comes of it is as told: a real server knows of classes and quotas from caches, which lag. */
async function tried(session: Session, [resource, object]: Tried, is: (body: Body) => boolean): Promise<void> {
  const answer = () => session.attempt('POST', `${home}/${resource}?dryRun=All`, object);
  await until(async () => is((await answer()).body), `what is known of ${resource} stays old`);
}

/** Tries objects until a quota that is about them is enforced and what is used of it is known, or not known. */
async function counted(session: Session, objects: readonly Tried[], isKnown: boolean): Promise<void> {
  const message = async ([resource, object]: Tried) =>
    String((await session.attempt('POST', `${home}/${resource}?dryRun=All`, object)).body['message']);
  await until(async () => {
    const isUnknown = (await Promise.all(objects.map(message))).some((one) => one.includes('status unknown'));
    return isUnknown !== isKnown;
  }, 'what is known of the quota stays old');
}

/**
 * Makes a quota and counts nothing as used: that is the work of a controller, which these servers do not have. The objects are
 * tried until the quota is in force, one of which has to be counted by it.
 */
async function makeQuota(
  session: Session,
  hard: Record<string, string>,
  { objects, scopes }: { readonly objects: readonly Tried[]; readonly scopes?: readonly string[] },
): Promise<void> {
  await session.prepare('POST', `${home}/resourcequotas`, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota' },
    spec: { hard, ...(scopes && { scopes }) },
  });
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  // Whether a real server knows the quota from its cache, or because it asked when that had none, and keeps the answer for a while:
  // it is seen to know what is limited, and then that its cache has heard of what is used.
  const status = `${home}/resourcequotas/quota/status`;
  await session.prepare('PATCH', status, { status: { hard } }, merge);
  await counted(session, objects, false);
  await session.prepare('PATCH', status, { status: { used } }, merge);
  await counted(session, objects, true);
}

/** A case that makes objects in a namespace with a quota, and reads what is used then. */
const quota = (
  title: string,
  hard: Record<string, string>,
  ...objects: readonly Tried[]
): ContractCase => ({
  title: `quota: ${title}`,
  async run(session) {
    await makeQuota(session, hard, { objects });
    for (const [resource, object] of objects) await session.ask('POST', `${home}/${resource}`, object);
    await session.ask('GET', `${home}/resourcequotas/quota`);
  },
});

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const service = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const claim = (name: string, storage: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more },
});
const storageClass = (session: Session, more: object) => ({
  ...sampleOf('StorageClass').make(session.namespace),
  ...more,
});

const small = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } };
const big = { requests: { cpu: '3', memory: '2Gi' }, limits: { cpu: '4', memory: '4Gi' } };

/** What admission adds to objects and refuses of them: limits, quotas and classes. */
export const admissionCases: readonly ContractCase[] = [
  limited(
    'containers get defaults',
    [{ type: 'Container', default: { cpu: '500m', memory: '256Mi' }, defaultRequest: { cpu: '100m' } }],
    pod('nothing'),
    pod('something', { requests: { memory: '1Gi' } }),
    pod('all', small),
  ),
  limited(
    'init containers get defaults',
    [{ type: 'Container', default: { cpu: '500m' } }],
    pod('init', {}, { initContainers: [{ name: 'first', image: 'x' }] }),
  ),
  limited('too much', [{ type: 'Container', max: { cpu: '1' } }], pod('small', small), pod('big', big)),
  limited('too little', [{ type: 'Container', min: { memory: '1Gi' } }], pod('small', small), pod('big', big)),
  limited(
    'too much of a difference',
    [{ type: 'Container', maxLimitRequestRatio: { cpu: '1' } }],
    pod('small', small),
    pod('silent'),
  ),
  limited('pods as a whole', [{ type: 'Pod', max: { cpu: '1' } }], pod('small', small), pod('big', big), pod('silent')),
  {
    title: 'limits: claims',
    async run(session) {
      const limits = { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } };
      await session.prepare('POST', `${home}/limitranges`, limitRange(limits));
      await session.ask('POST', `${home}/persistentvolumeclaims`, claim('small', '512Mi'));
      await session.ask('POST', `${home}/persistentvolumeclaims`, claim('fine', '2Gi'));
      await session.ask('POST', `${home}/persistentvolumeclaims`, claim('big', '10Gi'));
    },
  },
  quota('one pod', { pods: '1' }, ['pods', pod('a')], ['pods', pod('b')]),
  quota(
    'what pods ask for',
    { 'requests.cpu': '1', 'limits.memory': '1Gi' },
    ['pods', pod('silent')],
    ['pods', pod('small', small)],
    ['pods', pod('big', big)],
  ),
  quota('CPU by its short name', { cpu: '150m' }, ['pods', pod('a', small)], ['pods', pod('b', small)]),
  quota(
    'devices',
    { 'requests.nvidia.com/gpu': '1' },
    ['pods', pod('a', { limits: { 'nvidia.com/gpu': '1' } })],
    ['pods', pod('b', { limits: { 'nvidia.com/gpu': '1' } })],
    ['pods', pod('c')],
  ),
  quota('config maps', { configmaps: '1' }, ['configmaps', configMap('a')], ['configmaps', configMap('b')]),
  quota('anything by its count', { 'count/configmaps': '1' }, ['configmaps', configMap('a')], ['configmaps', configMap('b')]),
  quota(
    'services',
    { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' },
    ['services', service('a', { type: 'NodePort' })],
    ['services', service('b', { type: 'LoadBalancer' })],
    ['services', service('c', {})],
    ['services', service('d', {})],
  ),
  quota(
    'storage',
    { 'requests.storage': '3Gi', 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' },
    ['persistentvolumeclaims', claim('a', '2Gi')],
    ['persistentvolumeclaims', claim('b', '2Gi')],
    ['persistentvolumeclaims', claim('c', '1Gi', { storageClassName: 'fast' })],
  ),
  {
    title: 'quota: nobody counts yet',
    async run(session) {
      const sample = sampleOf('ResourceQuota').make(session.namespace);
      await session.prepare('POST', `${home}/resourcequotas`, { ...sample, spec: { hard: { pods: '1' } } });
      await session.ask('POST', `${home}/pods`, pod('a'));
      const path = `${home}/resourcequotas/sample/status`;
      await session.prepare('PATCH', path, { status: { hard: { pods: '1' } } }, merge);
      await counted(session, [['pods', pod('b')]], false);
      await session.ask('POST', `${home}/pods`, pod('b'));
    },
  },
  {
    title: 'quota: only pods that ask for nothing',
    async run(session) {
      await makeQuota(session, { pods: '0' }, { scopes: ['BestEffort'], objects: [['pods', pod('silent')]] });
      await session.ask('POST', `${home}/pods`, pod('silent'));
      await session.ask('POST', `${home}/pods`, pod('small', small));
    },
  },
  {
    title: 'quota: a try is refused where there is no room',
    async run(session) {
      await makeQuota(session, { pods: '0' }, { objects: [['pods', pod('a')]] });
      await session.ask('POST', `${home}/pods?dryRun=All`, pod('a'));
      await session.ask('PATCH', `${home}/pods/a?dryRun=All&fieldManager=one`, pod('a'), { type: 'application/apply-patch+yaml' });
    },
  },
  {
    title: 'quota: a try is not counted, and neither is a name that is taken',
    async run(session) {
      await makeQuota(session, { configmaps: '2' }, { objects: [['configmaps', configMap('a')]] });
      await session.ask('POST', `${home}/configmaps?dryRun=All`, configMap('a'));
      await session.ask('POST', `${home}/configmaps`, configMap('a'));
      await session.ask('GET', `${home}/resourcequotas/quota`);
    },
  },
  {
    title: 'classes: the default class of storage',
    async run(session) {
      const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
      const made = storageClass(session, {});
      const name = textAt(made, 'metadata.name');
      await session.prepare('POST', '/apis/storage.k8s.io/v1/storageclasses', { ...made, metadata: { name, annotations } });
      const claimed: Tried = ['persistentvolumeclaims', claim('tried', '1Gi')];
      await tried(session, claimed, (body) => at(body, 'spec.storageClassName') === name);
      await session.ask('POST', `${home}/persistentvolumeclaims`, claim('default', '1Gi'));
      await session.ask('POST', `${home}/persistentvolumeclaims`, claim('none', '1Gi', { storageClassName: '' }));
      await session.prepare('DELETE', `/apis/storage.k8s.io/v1/storageclasses/${name}`);
      await tried(session, claimed, (body) => at(body, 'spec.storageClassName') === undefined);
      await session.ask('POST', `${home}/persistentvolumeclaims`, claim('later', '1Gi'));
    },
  },
  {
    title: 'classes: the default class of ingresses',
    async run(session) {
      const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
      const made = sampleOf('IngressClass').make(session.namespace);
      const name = textAt(made, 'metadata.name');
      const ingress = sampleOf('Ingress');
      const classIs = (wanted: string | undefined) =>
        until(async () => {
          const { body } = await session.attempt('POST', `${ingress.path}?dryRun=All`, ingress.make(session.namespace));
          return at(body, 'spec.ingressClassName') === wanted;
        }, 'what is known of ingress classes stays old');
      await session.prepare('POST', sampleOf('IngressClass').path, { ...made, metadata: { name, annotations } });
      await classIs(name);
      await session.ask('POST', ingress.path, ingress.make(session.namespace));
      await session.prepare('DELETE', `${sampleOf('IngressClass').path}/${name}`);
      await session.prepare('DELETE', `${ingress.path}/sample`);
      await classIs(undefined);
    },
  },
  {
    title: 'classes: one default of priorities',
    async run(session) {
      const { path } = sampleOf('PriorityClass');
      const made = sampleOf('PriorityClass').make(session.namespace);
      const name = textAt(made, 'metadata.name');
      await session.prepare('POST', path, { ...made, globalDefault: true });
      await tried(session, ['pods', pod('tried')], (body) => at(body, 'spec.priorityClassName') === name);
      await session.ask('POST', path, { ...made, metadata: { name: `${name}-two` }, globalDefault: true });
      await session.ask('POST', `${home}/pods`, pod('a'));
      await session.prepare('DELETE', `${path}/${name}`);
      await tried(session, ['pods', pod('tried')], (body) => at(body, 'spec.priorityClassName') === undefined);
    },
  },
  {
    title: 'classes: of runtimes, for pods',
    async run(session) {
      const { path } = sampleOf('RuntimeClass');
      const made = sampleOf('RuntimeClass').make(session.namespace);
      const name = textAt(made, 'metadata.name');
      await session.ask('POST', `${home}/pods`, pod('none', {}, { runtimeClassName: 'none' }));
      const more = {
        overhead: { podFixed: { cpu: '100m' } },
        scheduling: { nodeSelector: { gpu: 'yes' }, tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      };
      await session.prepare('POST', path, { ...made, ...more });
      await session.ask('POST', `${home}/pods`, pod('fine', {}, { runtimeClassName: name }));
      const overhead = { cpu: '1' };
      await session.ask('POST', `${home}/pods`, pod('other', {}, { runtimeClassName: name, overhead }));
      const nodeSelector = { gpu: 'no' };
      await session.ask('POST', `${home}/pods`, pod('elsewhere', {}, { runtimeClassName: name, nodeSelector }));
      await session.prepare('DELETE', `${path}/${name}`);
    },
  },
  {
    title: 'classes: a claim grows when its class lets it',
    async run(session) {
      const { path } = sampleOf('StorageClass');
      const made = storageClass(session, { allowVolumeExpansion: true });
      const storageClassName = textAt(made, 'metadata.name');
      await session.prepare('POST', path, made);
      const claims = `${home}/persistentvolumeclaims`;
      const bound = { status: { phase: 'Bound', capacity: { storage: '1Gi' } } };
      const grow = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
      await session.prepare('POST', claims, claim('a', '1Gi', { storageClassName }));
      await session.prepare('PATCH', `${claims}/a/status`, bound, merge);
      const grows = async () => (await session.attempt('PATCH', `${claims}/a?dryRun=All`, grow('2Gi'), merge)).status === 200;
      await until(grows, 'what is known of storage classes stays old');
      await session.ask('PATCH', `${claims}/a`, grow('2Gi'), merge);
      await session.ask('PATCH', `${claims}/a`, grow('1Gi'), merge);
      await session.prepare('POST', claims, claim('b', '1Gi'));
      await session.prepare('PATCH', `${claims}/b/status`, bound, merge);
      await session.ask('PATCH', `${claims}/b`, grow('2Gi'), merge);
      await session.prepare('DELETE', `${path}/${storageClassName}`);
    },
  },
];
