/** Numbers below a limit, the same for the same seed. */
export type Random = (below: number) => number;

/** Random numbers of a seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Files = { readonly [path: string]: string };
/** Objects of a file, and lines of a kustomization by their field. */
interface State {
  /** What the other files say. */
  readonly patched: Map<string, number>;
  readonly objects: Map<string, string[]>;
  readonly fields: Map<string, Map<string, string>>;
}

/** Directories that are built. */
export const roots = ['base', 'mid', 'east', 'west', 'north'];

const bases: Readonly<Record<string, string>> = {
  common: 'resources: [shared.yaml]',
  base: 'resources: [../common, a.yaml, b.yaml]',
  mid: 'resources: [../base]',
  part: 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nsortOptions: { order: fifo }',
  east: 'resources: [../mid]',
  west: 'resources: [../base, own.yaml]',
  north: 'resources: [../base]\ncomponents: [../part]',
};
const sources = ['common/shared.yaml', 'base/a.yaml', 'base/b.yaml', 'west/own.yaml'];

/** The trees of a random history: each differs from the one before by one edit, or is an earlier one again. */
export function* treesOf(seed: number, edits: number): Generator<Files> {
  const random = randomOf(seed);
  const state: State = {
    objects: new Map(
      sources.map((file, index) => [
        file,
        Array.from({ length: 3 }, (_, at) => object(random, index * 3 + at)),
      ]),
    ),
    fields: new Map(Object.keys(bases).map((dir) => [dir, new Map<string, string>()])),
    patched: new Map(),
  };
  for (let count = 0; count < 6; count += 1) editFields(state, random);
  const trees = [filesOf(state)];
  yield* trees;
  for (let count = 0; count < edits; count += 1) {
    const tree = random(12) === 0 ? pick(random, trees) : edited(state, random);
    trees.push(tree);
    yield tree;
  }
}

function edited(state: State, random: Random): Files {
  const kind = random(10);
  if (kind < 3) editFields(state, random);
  else if (kind === 3) state.patched.set(pick(random, Object.keys(bases)), random(9));
  else editObjects(state, random);
  return filesOf(state);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick');
  return item;
}

function filesOf({ objects, fields, patched }: State): Files {
  const files: Record<string, string> = {};
  for (const dir of fields.keys()) {
    const number = patched.get(dir) ?? 0;
    files[`${dir}/p.yaml`] = `${patchFile}spec: { paused: true, minReadySeconds: ${number} }\n`;
    files[`${dir}/settings.env`] = `a=${number}\n`;
    files[`${dir}/config.yaml`] = configFiles[number % configFiles.length] ?? '';
  }
  for (const [file, texts] of objects) files[file] = texts.join('---\n');
  for (const [dir, lines] of fields)
    files[`${dir}/kustomization.yaml`] = `${bases[dir]}\n${[...lines.values()].join('')}`;
  return files;
}

const patchFile = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n';
const configFiles = [
  'nameReference: [{ kind: ConfigMap, version: v1, fieldSpecs: [{ path: metadata/annotations/map }] }]\n',
  'namePrefix: [{ path: metadata/name }, { path: nested/later/value, kind: ServiceAccount }]\n',
  'images: [{ path: spec/template/spec/hostname }, { path: number, kind: ServiceAccount }]\nreplicas: [{ path: spec/template/spec/containers/readinessProbe/failureThreshold, create: true, kind: Deployment }]\n',
  'commonAnnotations: [{ path: spec/template/spec/containers[]/resources/limits, create: true, kind: Deployment }]\nnameReference: [{ kind: Deployment, fieldSpecs: [{ path: spec/template/spec/hostname }, { path: nested/later/value }] }]\nnameSuffix: [{ path: metadata/name }, { path: spec/template/spec/hostname }]\n',
  'namespace: [{ path: nested/later/namespace, create: true, kind: ServiceAccount }]\ncommonLabels: [{ path: extra/labels, create: true, kind: ConfigMap }]\n',
];

function editObjects({ objects }: State, random: Random): void {
  const texts = objects.get(pick(random, sources)) ?? [];
  const at = random(Math.max(texts.length, 1));
  const text = texts[at] ?? '';
  switch (random(16)) {
    case 0:
      if (texts.length > 1) texts.splice(at, 1);
      return;
    case 1:
      texts.splice(at, 0, object(random, 40 + random(6)));
      return;
    case 2:
      texts[at] = `# a comment\n${text}`;
      return;
    case 3:
      texts[at] = text.replace(
        /name: (\w+)/,
        (_, name: string) => `name: ${name.endsWith('x') ? name.slice(0, -1) : `${name}x`}`,
      );
      return;
    case 4:
      texts[at] = text.replace(/metadata: \{/, `metadata: { ${pick(random, marks)}, `);
      return;
    default:
      texts[at] = random(3) === 0 ? withOtherNumbers(text, random) : withOtherScalar(text, random);
  }
}

function withOtherNumbers(text: string, random: Random): string {
  return text.replace(/: (\d+)/, () => `: ${random(90)}`).replace(/: v\d/, () => `: v${random(5)}`);
}

/** Texts and numbers of which some are read, written or put in quotes in ways of their own. */
const scalars = [
  '0',
  '7',
  '42',
  'v1',
  'v2',
  'main',
  'app:v1',
  'app',
  'true',
  'yes',
  '"yes"',
  '1.50',
  '1e3',
  '"7"',
  'null',
  '0777',
  'web',
];

/** One scalar somewhere in an object is another one. */
function withOtherScalar(text: string, random: Random): string {
  const all = [...text.matchAll(/: ([^\s,{}[\]>]+)/g)];
  const one = all[random(all.length)];
  if (!one) return text;
  const end = one.index + one[0].length;
  return `${text.slice(0, one.index)}: ${pick(random, scalars)}${text.slice(end)}`;
}

const marks = [
  'annotations: { config.kubernetes.io/local-config: "true" }',
  'annotations: { internal.config.kubernetes.io/helm-generated: "true" }',
  'annotations: { a: 1, b: "2" }',
  'labels: { pick: me }',
  'annotations: { map: settings, value: $(VALUE) }',
  'namespace: other',
  'namespace: null',
];

const names = ['web', 'api', 'job'];

function object(random: Random, number: number): string {
  const value = random(90);
  const own = (first: string): string => (number < 9 ? first : `${first}${number}`);
  switch (number % 6) {
    case 3:
      return `apiVersion: v1
kind: ConfigMap
metadata: { name: ${own('settings')} }
data: { a: "1", b: v1, text: "$(VALUE) ${value}" }
folded: >
  v1
  ${value}
`;
    case 4:
      return `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: bind${number} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: v1 }
subjects: [{ kind: ServiceAccount, name: account, namespace: default }, { kind: ServiceAccount, name: default }]
number: ${value}
`;
    case 5:
      return `apiVersion: v1
kind: ServiceAccount
metadata: { name: ${own('account')} }
number: ${value}
list: [v1, 1.50, 2001-01-01, yes]
nested: { later: { value: v1 } }
`;
    default:
      return deployment(number < 3 ? (names[number] ?? '') : `${pick(random, names)}${number}`, value);
  }
}

const deployment = (name: string, value: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${value}
  template:
    metadata: { labels: { app: v1 } }
    spec:
      serviceAccountName: account
      hostname: main
      tolerations: [{ key: gpu, operator: Exists }, { key: spot, tolerationSeconds: 5 }]
      containers:
        - { name: main, image: "app:v1", envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: keys } }] }
        - name: side
          image: app:v1
          ports: [{ containerPort: 80, name: http, hostPort: 1 }]
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 10, failureThreshold: 3 }
          resources:
            limits:
              cpu: 2
              memory: 1Gi
`;

type Line = (random: Random) => string;

/** What a kustomization may say, by field; most often what is there again with something else. */
const lines: Readonly<Record<string, readonly Line[]>> = {
  namespace: [(random) => `namespace: n${random(3)}\n`],
  namePrefix: [(random) => `namePrefix: p${random(3)}-\n`],
  nameSuffix: [(random) => `nameSuffix: -s${random(3)}\n`],
  labels: [(random) => `labels: [{ pairs: { label: v${random(3)} }, includeTemplates: true }]\n`],
  commonLabels: [(random) => `commonLabels: { common: v${random(3)} }\n`],
  commonAnnotations: [(random) => `commonAnnotations: { note: v${random(3)} }\n`],
  images: [(random) => `images: [{ name: app, newTag: t${random(3)} }]\n`],
  replicas: [
    (random) =>
      `replicas: [{ name: ${pick(random, ['web', 'web', 'api', 'api', 'job', 'gone'])}, count: ${random(9)} }]\n`,
  ],
  patches: [
    (random) =>
      `patches: [{ patch: '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: ${pick(random, names)} }, spec: { minReadySeconds: ${random(9)} } }' }]\n`,
    (random) =>
      `patches: [{ target: { kind: Deployment }, patch: '[{ "op": "replace", "path": "/spec/replicas", "value": ${random(9)} }]' }]\n`,
    (random) =>
      `patches: [{ target: { kind: Deployment }, patch: '[{ "op": "${pick(random, ['replace', 'test'])}", "path": "/spec/template/spec/containers/1/readinessProbe/periodSeconds", "value": ${random(9)} }]' }]\n`,
    () =>
      `patches: [{ target: { kind: Deployment }, patch: '[{ "op": "copy", "from": "/spec/template/spec/containers/1/resources", "path": "/spec/template/spec/containers/0/resources" }]' }]\n`,
    (random) =>
      `patches: [{ patch: '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { spec: { containers: [{ name: ${pick(random, ['side', 'main', 'new'])}, readinessProbe: ${pick(random, ['{ periodSeconds: 7 }', '{ initialDelaySeconds: 7 }', 'null', '{ $patch: replace, periodSeconds: 8 }'])} }] } } } }' }]\n`,
    (random) =>
      `patches: [{ patch: '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { spec: { tolerations: [{ key: spot, tolerationSeconds: ${random(9)} }], hostname: ${pick(random, ['null', 'main', 'other'])} } } } }' }]\n`,
    (random) =>
      `patches: [{ target: { labelSelector: pick=me }, patch: '[{ "op": "replace", "path": "/metadata/name", "value": picked${random(3)} }]' }]\n`,
    () =>
      `patches: [{ target: { kind: ServiceAccount }, patch: '[{ "op": "copy", "from": "/nested/later/value", "path": "/metadata/name" }]' }]\n`,
    () =>
      `patches: [{ target: { kind: ConfigMap }, patch: '{ apiVersion: v1, kind: ConfigMap, metadata: { name: x, labels: { gone: null } } }' }]\n`,
    () =>
      `patches: [{ target: { kind: Deployment, name: web.* }, patch: '{ $patch: delete, apiVersion: apps/v1, kind: Deployment, metadata: { name: x } }' }]\n`,
    () =>
      `patches: [{ patch: '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web, annotations: null } }' }, { path: p.yaml }]\n`,
    (random) =>
      `patches: [{ options: { allowNameChange: true }, target: { kind: Deployment, name: api }, patch: '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: ${pick(random, ['web', 'other'])} } }' }]\n`,
    () =>
      `patches: [{ target: { kind: Deployment }, patch: '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: x }, spec: { template: { spec: { containers: [{ image: "y:1" }] } } } }' }]\n`,
  ],
  patchesJson6902: [
    (random) =>
      `patchesJson6902: [{ target: { version: v1, kind: ServiceAccount, name: account }, patch: '[{ "op": "add", "path": "/number", "value": ${random(9)} }]' }]\n`,
  ],
  patchesStrategicMerge: [() => 'patchesStrategicMerge: [p.yaml]\n'],
  configMapGenerator: [
    (random) => `configMapGenerator: [{ name: made, literals: [a=${random(3)}] }]\n`,
    (random) => `configMapGenerator: [{ name: settings, behavior: merge, literals: [made=${random(3)}] }]\n`,
    () => 'configMapGenerator: [{ name: file, envs: [settings.env] }]\n',
  ],
  secretGenerator: [(random) => `secretGenerator: [{ name: keys, literals: [a=${random(3)}] }]\n`],
  replacements: [
    () =>
      'replacements: [{ source: { kind: ServiceAccount, fieldPath: number }, targets: [{ select: { kind: Deployment }, fieldPaths: [spec.replicas] }] }]\n',
    () =>
      'replacements: [{ source: { kind: ServiceAccount, name: account, fieldPath: number }, targets: [{ select: { kind: Deployment }, fieldPaths: [spec.replicas] }] }]\n',
  ],
  configurations: [() => 'configurations: [config.yaml]\n'],
  vars: [
    () =>
      'vars: [{ name: VALUE, objref: { apiVersion: v1, kind: ServiceAccount, name: account }, fieldref: { fieldpath: number } }]\n',
    () => 'vars: [{ name: VALUE, objref: { apiVersion: v1, kind: ServiceAccount, name: account } }]\n',
  ],
  sortOptions: [() => 'sortOptions: { order: fifo }\n', () => 'sortOptions: { order: legacy }\n'],
  buildMetadata: [
    () => 'buildMetadata: [managedByLabel]\n',
    () => 'buildMetadata: [originAnnotations, transformerAnnotations]\n',
  ],
  transformers: [
    (random) =>
      `transformers: ['{ apiVersion: builtin, kind: AnnotationsTransformer, metadata: { name: x }, annotations: { by: v${random(3)} }, fieldSpecs: [{ path: metadata/annotations, create: true }] }']\n`,
  ],
};

function editFields({ fields }: State, random: Random): void {
  const dir = pick(random, Object.keys(bases));
  const known = fields.get(dir) ?? new Map<string, string>();
  const field =
    known.size > 2 || (known.size > 0 && random(3) === 0)
      ? pick(random, [...known.keys()])
      : pick(random, Object.keys(lines));
  if (known.has(field) && random(3) === 0) known.delete(field);
  else known.set(field, pick(random, lines[field] ?? [])(random));
}
