import { randomOf, type Random } from './histories.ts';

type Files = { readonly [path: string]: string };
type Node = string | readonly Node[] | { readonly [key: string]: Node };
/** Keys and positions on the way to something in an object. */
type Way = readonly (string | number)[];

/** The directory that is built above `base` in the trees of {@link slightTreesOf}. */
export const top = 'top';

/**
 * Trees of a random history in which scalars of one object change, one after the other, under a kustomization whose steps are
 * about these or about fields near them.
 */
export function* slightTreesOf(seed: number, edits: number): Generator<Files> {
  const random = randomOf(seed);
  const first = pick(random, objects);
  const ways = scalarsIn(first);
  const target = pick(random, ways);
  const isBlock = random(2) === 0;
  const files = kustomizationFor(first, target, random);
  let object = first;
  for (let count = 0; count <= edits; count += 1) {
    const others = objects.filter((each) => each !== first);
    const texts = [object, ...others].map((each) => (isBlock ? blockOf(each, '') : `${flowOf(each)}\n`));
    yield { ...files, 'base/objects.yaml': texts.join('---\n') };
    const way = random(3) > 0 ? target : pick(random, ways);
    object = { ...object, ...asMapping(withAt(object, way, pick(random, scalars))) };
  }
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick');
  return item;
}

const scalars = [
  ...['v1', 'v2', 'v3', 'v4', 'web', 'api', 'app', 'app:v1', 'app:v2', '1', '2', '3', 'true', 'false'],
  ...['yes', '"yes"', '"v1"', '1.50', '1000000', '0777', 'null', "''", '12:30', '2001-01-01', 'é'],
];

const metadata = (name: string): Node => ({ name, labels: { app: name }, annotations: { note: 'v1' } });

const pod = (account: string): Node => ({
  serviceAccountName: account,
  hostname: 'v1',
  tolerations: [
    { key: 'gpu', operator: 'Exists' },
    { key: 'spot', operator: 'v1' },
  ],
  hostAliases: [{ ip: '10.0.0.1', note: 'v1' }],
  containers: [
    {
      name: 'main',
      image: 'app:v1',
      workingDir: 'v1',
      ports: [
        { containerPort: '80', protocol: 'TCP', name: 'http', hostPort: '1' },
        { containerPort: '81', hostPort: '2' },
      ],
      env: [
        { name: 'A', value: 'v1' },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'web', key: 'a' } } },
      ],
      readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: '10' },
      resources: { limits: { cpu: '2', memory: '1Gi' } },
    },
    { name: 'side', image: 'app:v2', workingDir: 'v2' },
  ],
  volumes: [{ name: 'v', configMap: { name: 'web', defaultMode: '1' } }],
});

type Mapping = { readonly [key: string]: Node };

const objects: readonly Mapping[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata('web'),
    spec: {
      replicas: '1',
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'v1', rollingUpdate: { maxSurge: '1' } },
      template: { metadata: { labels: { app: 'web' } }, spec: pod('web') },
    },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadata('web'),
    spec: { schedule: 'v1', jobTemplate: { spec: { parallelism: '1', template: { spec: pod('web') } } } },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata('web'),
    data: { a: 'v1', b: 'v2', namespace: 'v1' },
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata('web'),
    number: '1',
    nested: { later: { value: 'v1' } },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadata('web'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'web' },
    subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'v1', apiGroup: 'v1' }],
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata('web'),
    spec: {
      maxReplicas: '3',
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', note: 'v1' },
    },
  },
  {
    apiVersion: 'example.org/v1',
    kind: 'Model',
    metadata: metadata('web'),
    spec: {
      template: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec: pod('web') } } },
      items: [{ a: 'v1', b: 'v2' }],
    },
  },
];

function scalarsIn(node: Node, way: Way = []): Way[] {
  if (typeof node === 'string') return [way];
  const parts: readonly (readonly [string | number, Node])[] = isList(node)
    ? [...node.entries()]
    : Object.entries(node);
  return parts.flatMap(([step, part]) => scalarsIn(part, [...way, step]));
}

function isList(node: Node): node is readonly Node[] {
  return Array.isArray(node);
}

function asMapping(node: Node): Mapping {
  return typeof node === 'string' || isList(node) ? {} : node;
}

function partOf(node: Node, step: string | number): Node {
  if (typeof node === 'string') return node;
  return (isList(node) ? node[Number(step)] : node[step]) ?? '';
}

function withAt(node: Node, [step, ...rest]: Way, value: Node): Node {
  if (step === undefined) return value;
  const part = withAt(partOf(node, step), rest, value);
  return isList(node) ? node.with(Number(step), part) : { ...asMapping(node), [step]: part };
}

function flowOf(node: Node): string {
  if (typeof node === 'string') return node;
  if (isList(node)) return `[${node.map(flowOf).join(', ')}]`;
  return `{ ${Object.entries(node)
    .map(([key, part]) => `${key}: ${flowOf(part)}`)
    .join(', ')} }`;
}

function blockOf(node: Mapping, indent: string): string {
  return Object.entries(node)
    .map(([key, part]) => {
      if (typeof part === 'string') return `${indent}${key}: ${part}\n`;
      if (!isList(part)) return `${indent}${key}:\n${blockOf(asMapping(part), `${indent}  `)}`;
      return `${indent}${key}:\n${part.map((item) => itemOf(item, indent)).join('')}`;
    })
    .join('');
}

function itemOf(item: Node, indent: string): string {
  return `${indent}- ${blockOf(asMapping(item), `${indent}  `).slice(indent.length + 2)}`;
}

function kustomizationFor(object: Mapping, target: Way, random: Random): Files {
  const lines = new Map<string, string>();
  const configs: string[] = [];
  for (let count = 1 + random(2); count > 0; count -= 1) {
    const made = pick(random, makers)({ object, way: target, random });
    lines.set(made.line.slice(0, made.line.indexOf(':')), made.line);
    if (made.config) configs.push(made.config);
  }
  return {
    'base/kustomization.yaml': 'resources: [objects.yaml]\n',
    [`${top}/kustomization.yaml`]: `resources: [../base]\n${[...lines.values()].join('')}configurations: [${configs.map((_, index) => `c${index}.yaml`).join(', ')}]\n`,
    ...Object.fromEntries(configs.map((text, index) => [`${top}/c${index}.yaml`, text])),
  };
}

interface Making {
  readonly object: Mapping;
  readonly way: Way;
  readonly random: Random;
}

type Maker = (making: Making) => { readonly line: string; readonly config?: string };

const makers: readonly Maker[] = [
  (making) => ({ line: `patches: [{ patch: '${mergePatch(making)}' }]\n` }),
  (making) => ({ line: `patches: [{ patch: '${mergePatch(making)}' }]\n` }),
  (making) => ({
    line: `patches: [{ target: { kind: ${kindOf(making)} }, patch: '${operation(making)}' }]\n`,
  }),
  (making) => ({
    line: `patches: [{ target: { kind: ${kindOf(making)} }, patch: '${operation(making)}' }]\n`,
  }),
  (making) => ({
    line: `patchesJson6902: [{ target: { kind: ${kindOf(making)}, version: ${versionOf(making)}, name: web }, patch: '${operation(making)}' }]\n`,
  }),
  (making) => ({ line: `patchesStrategicMerge: ['${mergePatch(making)}']\n` }),
  ({ random }) => ({
    line: `patches: [{ target: { labelSelector: app=${pick(random, ['web', 'api'])} }, patch: '[{ "op": "add", "path": "/added", "value": 1 }]' }]\n`,
  }),
  ({ random }) => ({
    line: `images: [{ name: ${pick(random, ['app', 'web', 'v1'])}, newTag: t${random(3)} }]\n`,
  }),
  () => ({ line: 'replicas: [{ name: web, count: 5 }]\n' }),
  () => ({ line: 'namespace: other\n' }),
  () => ({ line: 'namePrefix: p-\n' }),
  () => ({
    line: 'labels: [{ pairs: { app: other, more: one }, includeTemplates: true, includeSelectors: true }]\n',
  }),
  configured('commonLabels', 'commonLabels: { app: other, later: v1 }\n'),
  configured('commonAnnotations', 'commonAnnotations: { note: other, later: v1 }\n'),
  configured('namePrefix', 'namePrefix: p-\n'),
  configured('nameSuffix', 'nameSuffix: -s\n'),
  configured('namespace', 'namespace: other\n'),
  configured('images', 'images: [{ name: app, newTag: t1 }]\n'),
  configured('replicas', 'replicas: [{ name: web, count: 5 }]\n'),
  (making) => ({
    line: 'namePrefix: p-\n',
    config: `namePrefix: [{ path: metadata/name }]\nnameReference: [{ kind: ConfigMap, version: v1, fieldSpecs: [{ path: ${specPath(making)} }] }]\n`,
  }),
  ({ way, random, ...making }) => ({
    line: `labels: [{ pairs: { app: other }, fields: [{ path: ${specPath({ ...making, way, random })}, create: ${pick(random, ['true', 'false'])} }] }]\n`,
  }),
];

function configured(field: string, line: string): Maker {
  return (making) => ({
    line,
    config: `${field}: [{ path: metadata/name, kind: None }, { path: ${specPath(making)}, create: ${pick(making.random, ['true', 'false'])} }]\n`,
  });
}

function kindOf({ object }: Making): string {
  return wordIn(object, 'kind');
}

function versionOf({ object }: Making): string {
  return wordIn(object, 'apiVersion').split('/').at(-1) ?? '';
}

function wordIn(object: Mapping, key: string): string {
  const word = object[key];
  return typeof word === 'string' ? word : '';
}

/** A way that leads along another one: to its end, not as far, or to something beside it. */
function near(way: Way, random: Random): Way {
  switch (random(4)) {
    case 0:
      return way.slice(0, Math.max(1, way.length - 1 - random(2)));
    case 1:
      return [...way.slice(0, -1), 'beside'];
    default:
      return way;
  }
}

function specPath({ way, random }: Making): string {
  return near(way, random)
    .filter((step) => typeof step === 'string')
    .join('/');
}

function operation({ way, random }: Making): string {
  const path = `/${near(way, random).join('/')}`;
  const value = pick(random, ['"v1"', '"v2"', '1', '{ "a": 1 }']);
  const other = pick(random, ['/added', '/metadata/annotations/note']);
  switch (random(6)) {
    case 0:
      return `[{ "op": "test", "path": "${path}", "value": ${value} }]`;
    case 1:
      return `[{ "op": "remove", "path": "${path}" }]`;
    case 2:
      return `[{ "op": "copy", "from": "${path}", "path": "${other}" }]`;
    case 3:
      return `[{ "op": "move", "from": "${path}", "path": "${other}" }]`;
    default:
      return `[{ "op": "${pick(random, ['add', 'replace'])}", "path": "${path}", "value": ${value} }]`;
  }
}

/** What tells items of lists apart comes with them in most patches. */
function mergePatch({ object, way, random }: Making): string {
  const { apiVersion, kind } = object;
  const end = pick(random, [
    'v1',
    'v2',
    'null',
    '{ $patch: delete }',
    '{ $patch: replace, a: 1 }',
    '{ a: 1 }',
  ]);
  const patch = patchAlong(object, near(way, random), { end, random });
  const named = { apiVersion, kind, metadata: { name: 'web' } };
  return flowOf({ ...asMapping(patch), ...named } as Mapping);
}

interface Patching {
  readonly end: string;
  readonly random: Random;
}

function patchAlong(node: Node, [step, ...rest]: Way, patching: Patching): Node {
  if (step === undefined) return patching.end;
  const part = patchAlong(partOf(node, step), rest, patching);
  if (!isList(node)) return { [step]: part };
  const { name, key, containerPort, ip } = asMapping(partOf(node, step));
  const telling = Object.entries({ name, key, containerPort, ip }).filter(([, value]) => value !== undefined);
  const known = patching.random(4) === 0 ? [] : telling;
  return [{ ...Object.fromEntries(known), ...asMapping(part) } as Mapping];
}
