import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAgentLimits } from '@meridian/fleet';
import { startSimServer } from '@meridian/kubesim';
import { requirePart, startControlPlane } from '@meridian/testkit';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnvironmentSchema } from './generators/configuration.ts';
import { repositoryRoot, runCommand } from './runner/command.ts';
import type { Ended } from './runner/command.ts';

type Chart = 'hub' | 'agent';

interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly template?: { readonly metadata: object; readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly { readonly env: readonly EnvironmentEntry[] }[];
}

interface EnvironmentEntry {
  readonly name: string;
  readonly value?: string;
}

interface Values {
  readonly [key: string]: unknown;
}

const namespace = 'meridian-system';
const required: Record<Chart, Values> = {
  hub: {
    source: { url: 'ssh://git@git.example/fleet.git' },
    nats: { url: 'nats://nats:4222' },
    redis: { url: 'redis://redis:6379' },
  },
  agent: {
    cluster: 'us-east-1',
    nats: { url: 'tls://nats.example:4222' },
    link: { urls: ['hub-0.example:8443', 'hub-1.example:8443'] },
    trustedKeys: { pem: '-----BEGIN PUBLIC KEY-----\nMCowBQ==\n-----END PUBLIC KEY-----\n' },
  },
};

const someone = [
  { namespaceSelector: { matchLabels: { team: 'platform' } } },
  { ipBlock: { cidr: '10.0.0.0/8' } },
];
const shared: Values = {
  imagePullSecrets: [{ name: 'pull' }],
  otlpUrl: 'http://collector:4318',
  podAnnotations: { 'example.org/owner': 'platform' },
  podLabels: { team: 'platform' },
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] },
        ],
      },
    },
  },
  serviceAccount: { name: 'given', annotations: { 'example.org/role': 'reader' } },
};

/** Every optional part switched on. */
const everything: Record<Chart, Values> = {
  hub: {
    ...shared,
    replicas: 3,
    source: { url: 'https://git.example/fleet.git', branch: 'release', sshSecret: 'fleet-ssh' },
    redis: { urlSecret: { name: 'redis', key: 'url' } },
    link: {
      revokedConfigMap: { name: 'revoked-agents', key: 'list' },
      issuing: {
        authorityKeySecret: { name: 'authority', key: 'ca.key' },
        certificateDays: 7,
        enrolment: { enabled: true, port: 9444, graceDays: 3 },
      },
    },
    api: {
      webhookSecret: { name: 'webhook', key: 'secret' },
      service: { type: 'LoadBalancer', port: 443, annotations: { a: 'b' } },
    },
    networkPolicy: {
      enabled: true,
      ingress: { apiFrom: someone, linkFrom: someone, metricsFrom: someone },
      egress: { nats: { ports: [4222, 4223], to: someone } },
    },
  },
  agent: {
    ...shared,
    link: { enrolment: { urls: ['hub.example:8444'], tokenSecret: { name: 'once', key: 'token' } } },
    persistence: { enabled: true, size: '2Gi', storageClassName: 'fast' },
    podDisruptionBudget: { enabled: true },
    impersonation: { serviceAccount: 'deployer', allowed: ['blue', 'team-*/green', 'default/red'] },
    decryption: { secretName: 'age-keys' },
    metrics: {
      port: 9090,
      sources: [
        { name: 'prometheus', url: 'http://prometheus.monitoring:9090' },
        { name: 'mimir', url: 'https://mimir.example/p', tokenFile: '/etc/meridian/metrics/token' },
      ],
      sourcesSecret: { name: 'metrics-access' },
    },
    limits: { configMap: { name: 'limits', key: 'limits.yaml' } },
    trustedKeys: { configMap: { name: 'trust', key: 'keys.pem' } },
    managedKinds: [{ apiGroups: ['apps'], resources: ['deployments'] }],
    rbac: {
      create: true,
      extraRules: [{ apiGroups: ['ray.io'], resources: ['rayclusters'], verbs: ['get'] }],
    },
    networkPolicy: { enabled: true, ingress: { metricsFrom: someone } },
  },
};

/** Every limit of an agent. */
const everyLimit = {
  namespaces: { allowed: ['ml-*'], denied: ['kube-*'] },
  kinds: { allowed: ['*'], denied: ['Secret', 'rbac.authorization.k8s.io/*'], clusterScoped: [] },
  registries: ['registry.example.com/ml', 'registry.example.com:5000'],
  changeRate: { writesPerMinute: 100_000, deletionsPerMinute: 30 },
  deletions: {
    objects: 1_000_000,
    share: '30%',
    approved: [{ application: 'web', release: `sha256:${'ab'.repeat(32)}` }],
  },
  freeze: { author: 'lena', reason: "it's: an audit", until: '2026-11-30T18:00:00Z' },
};

/** Everything optional switched off. */
const little: Record<Chart, Values> = {
  hub: {
    replicas: 1,
    metrics: { port: 9191, scrapeAnnotations: false },
    networkPolicy: { enabled: false },
    podDisruptionBudget: { enabled: false },
  },
  agent: {
    metrics: { port: 9191, scrapeAnnotations: false },
    networkPolicy: { enabled: false },
    persistence: { enabled: false, size: '1Gi' },
    rbac: { create: false },
    managedKinds: [],
    limits: { spec: everyLimit },
  },
};

const refused: readonly { chart: Chart; values: Values; says: RegExp; why: string }[] = [
  { chart: 'hub', values: { replicas: 0 }, says: /replicas/, why: 'no replicas' },
  {
    chart: 'hub',
    values: { replica: 2 },
    says: /additional properties 'replica' not allowed/,
    why: 'a name it does not know',
  },
  { chart: 'hub', values: { source: { url: '' } }, says: /source\.url is required/, why: 'no fleet repo' },
  {
    chart: 'hub',
    values: { redis: { url: 'http://redis' } },
    says: /redis\/url/,
    why: 'a lock store that is not Redis',
  },
  {
    chart: 'hub',
    values: { mirror: { sizeLimit: 'big' } },
    says: /mirror\/sizeLimit/,
    why: 'a size that is none',
  },
  {
    chart: 'agent',
    values: { impersonation: { allowed: ['system:serviceaccount:ml:deployer'] } },
    says: /impersonation\/allowed\/0/,
    why: 'an account that is not NAMESPACE/NAME',
  },
  {
    chart: 'agent',
    values: { metrics: { port: 9090, sources: [{ name: 'p', url: 'https://me:secret@prometheus' }] } },
    says: /metrics\/sources\/0\/url/,
    why: 'a metrics source with a password in its address',
  },
  { chart: 'agent', values: { cluster: '' }, says: /cluster is required/, why: 'no cluster name' },
  {
    chart: 'agent',
    values: { cluster: 'US_East' },
    says: /\/cluster/,
    why: 'a cluster name that is no DNS label',
  },
  {
    chart: 'agent',
    values: { link: { urls: ['https://hub:8443'] } },
    says: /link\/urls/,
    why: 'a link that is no host:port',
  },
  { chart: 'agent', values: { link: { urls: [] } }, says: /link\.urls is required/, why: 'no link' },
  {
    chart: 'agent',
    values: { limits: { spec: { registry: [] } } },
    says: /limits\/spec/,
    why: 'a limit that is none',
  },
  {
    chart: 'agent',
    values: { managedKinds: [{ apiGroups: ['*'], resources: ['*'] }] },
    says: /managedKinds/,
    why: 'all kinds by wildcard',
  },
  {
    chart: 'agent',
    values: { trustedKeys: { pem: '-----BEGIN PRIVATE KEY-----' } },
    says: /trustedKeys\/pem/,
    why: 'a private key among the trusted keys',
  },
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-charts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function helm(verb: 'lint' | 'template', chart: Chart, layers: readonly Values[]): Promise<Ended> {
  const files: string[] = [];
  for (const [index, values] of layers.entries()) {
    const path = join(folder, `${chart}-${index}.json`);
    await writeFile(path, JSON.stringify(values));
    files.push('--values', path);
  }
  const path = join(repositoryRoot, 'helm', chart);
  const args = verb === 'lint' ? ['lint', '--strict', path] : ['template', 'main', path];
  return runCommand({
    file: requirePart('helm'),
    args: [...args, '--namespace', namespace, ...files],
    // A home of its own: no repositories, plugins or settings of this machine's user.
    env: { HELM_CONFIG_HOME: folder, HELM_CACHE_HOME: folder, HELM_DATA_HOME: folder },
  });
}

async function render(chart: Chart, ...more: readonly Values[]): Promise<readonly Rendered[]> {
  const ended = await helm('template', chart, [required[chart], ...more]);
  expect(ended.output, `helm template ${chart}`).not.toContain('Error:');
  return (loadAll(ended.output) as (Rendered | null)[]).filter((each) => each !== null);
}

const podOf = (objects: readonly Rendered[]): PodSpec => {
  const template = objects.find(({ kind }) => kind === 'Deployment')?.spec?.template;
  if (!template) throw new Error('no Deployment was rendered');
  return template.spec;
};

describe.each<Chart>(['hub', 'agent'])('the chart of the %s', (chart) => {
  test.each([
    ['what it requires', {}],
    ['everything switched on', everything[chart]],
    ['everything switched off', little[chart]],
  ])('passes helm lint --strict with %s', async (_name, values) => {
    const ended = await helm('lint', chart, [required[chart], values]);
    expect(ended.output).toContain('0 chart(s) failed');
    expect(ended.code).toBe(0);
  });

  test.each([
    ['what it requires', {}],
    ['everything switched on', everything[chart]],
    ['everything switched off', little[chart]],
  ])('gives the service an environment that it starts with: %s', async (_name, values) => {
    const schema = await readEnvironmentSchema(chart);
    if (!schema) throw new Error(`services/${chart}/src/config.ts is missing`);
    const { containers } = podOf(await render(chart, values));
    const entries = containers.flatMap(({ env }) => env).filter(({ name }) => name.startsWith('MERIDIAN_'));
    // What Kubernetes fills in when the pod starts.
    const later: Record<string, string> = {
      MERIDIAN_HUB_ID: 'main-meridian-hub-5d9c-x2x',
      MERIDIAN_REDIS_URL: 'redis://redis:6379',
      MERIDIAN_STATE_NAMESPACE: namespace,
    };
    const environment = Object.fromEntries(entries.map(({ name, value }) => [name, value ?? later[name]]));
    const parsed = schema.strict().safeParse(environment);
    expect(parsed.error?.issues ?? []).toEqual([]);
  });

  test('names no registry in its image', async () => {
    expect(JSON.stringify(podOf(await render(chart)))).toContain(`"image":"meridian/${chart}:0.1.0"`);
  });
});

test.each([
  ['no limits', {}, {}],
  [
    'every limit',
    everyLimit,
    {
      ...everyLimit,
      deletions: { objects: 1_000_000, percent: 30, approved: everyLimit.deletions.approved },
      freeze: { author: 'lena', reason: "it's: an audit", untilMs: Date.UTC(2026, 10, 30, 18) },
    },
  ],
])('the agent reads the limits that its chart writes: %s', async (_name, spec, limits) => {
  const objects = await render('agent', { limits: { spec } });
  const written = objects.find(({ metadata }) => metadata.name === 'main-meridian-agent-limits');
  const text = (written as { data?: Record<string, string> } | undefined)?.data?.['limits.yaml'] ?? '';
  expect(parseAgentLimits(text, 'limits.yaml')).toEqual({ ok: true, limits });
});

describe('values that are wrong', () => {
  test.each(refused)('$chart: $why is refused with its place', async ({ chart, values, says }) => {
    const ended = await helm('template', chart, [required[chart], values]);
    expect(ended.code).not.toBe(0);
    expect(ended.output).toMatch(says);
  });
});

describe.each(['simulated', 'real'] as const)('on a %s API server', (kind) => {
  let cluster: AsyncDisposable & { readonly kubeconfig: string };

  beforeAll(async () => {
    const start = kind === 'simulated' ? startSimServer : startControlPlane;
    cluster = await start({ name: 'charts', dir: join(folder, kind), minimal: true, durable: false });
    const labels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
    await kubectl('create', 'namespace', namespace);
    await kubectl('label', 'namespace', namespace, ...labels);
  });
  afterAll(async () => cluster?.[Symbol.asyncDispose]());

  async function kubectl(...args: string[]): Promise<Ended> {
    return runCommand({ file: requirePart('kubectl'), args: ['--kubeconfig', cluster.kubeconfig, ...args] });
  }

  async function apply(objects: readonly object[], ...args: string[]): Promise<Ended> {
    const path = join(folder, 'objects.json');
    await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return kubectl('apply', '--server-side', '--validate=strict', '--filename', path, ...args);
  }

  test.each<[Chart, string, Values]>([
    ['hub', 'what it requires', {}],
    ['hub', 'everything switched on', everything.hub],
    ['hub', 'everything switched off', little.hub],
    ['agent', 'what it requires', {}],
    ['agent', 'everything switched on', everything.agent],
    ['agent', 'everything switched off', little.agent],
  ])('every object of the %s chart with %s is accepted without a warning', async (chart, _name, values) => {
    const objects = await render(chart, values);
    const ended = await apply(objects, '--dry-run=server');
    expect(ended.output).not.toMatch(/warning|error/i);
    expect(ended.output.trim().split('\n')).toHaveLength(objects.length);
    expect(ended.code).toBe(0);
  });

  test.each<Chart>(['hub', 'agent'])(
    'a pod of the %s is admitted where only restricted pods are',
    async (chart) => {
      const spec = podOf(await render(chart));
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: chart, namespace }, spec };
      const ended = await apply([pod], '--dry-run=server');
      expect(ended.output).toContain(`pod/${chart} serverside-applied`);
      expect(ended.output).not.toMatch(/warning/i);
    },
  );

  // Whoever a simulated server knows may do everything.
  test.runIf(kind === 'real')('the agent may do its work and nothing beyond it', async () => {
    expect((await apply(await render('agent'))).code).toBe(0);
    const user = `system:serviceaccount:${namespace}:main-meridian-agent`;
    const may = async (...question: string[]) =>
      (await kubectl('auth', 'can-i', ...question, '--as', user)).output.trim().split('\n').at(-1);

    for (const verb of ['get', 'list', 'watch', 'create', 'patch', 'delete']) {
      expect(await may(verb, 'deployments.apps', '--namespace', 'ml-serving'), verb).toBe('yes');
    }
    expect(await may('get', 'secrets', '--namespace', namespace)).toBe('yes');
    expect(await may('get', 'namespace/kube-system')).toBe('yes');
    expect(await may('create', 'namespaces')).toBe('yes');

    expect(await may('get', 'secrets', '--namespace', 'ml-serving')).toBe('no');
    expect(await may('list', 'secrets', '--all-namespaces')).toBe('no');
    expect(await may('delete', 'namespaces')).toBe('no');
    expect(await may('create', 'pods', '--namespace', 'ml-serving')).toBe('no');
    expect(await may('create', 'pods', '--subresource=exec', '--namespace', 'ml-serving')).toBe('no');
    expect(await may('create', 'clusterroles.rbac.authorization.k8s.io')).toBe('no');
    expect(await may('impersonate', 'users')).toBe('no');
  });

  test('the hub is given no right at all', async () => {
    const kinds = (await render('hub', everything.hub)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.includes('Role'))).toEqual([]);
    expect(podOf(await render('hub'))).toMatchObject({ automountServiceAccountToken: false });
  });
});
