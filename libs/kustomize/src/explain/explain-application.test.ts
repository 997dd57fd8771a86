import type { Application, Cluster, ExplainedField } from '@meridian/fleet';
import { describe, expect, test } from 'vitest';
import { explainApplication, resolveApplication, treeOf } from '../index.ts';

type Files = { readonly [path: string]: string };

const application = {
  name: 'web',
  path: 'apps/web',
  overlays: ['overlays/{cluster.name}', 'base'],
  namespace: 'shop',
} as unknown as Application;
const cluster: Cluster = { name: 'east', labels: {} };
const declaredIn = (file: string) => ({ file, lineOf: () => 7 });

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      initContainers:
        - { name: first, image: tools:1 }
      containers:
        - name: server
          image: web:1.0
          args: [--fast, --quiet]
          envFrom: [{ configMapRef: { name: settings } }]
        - name: proxy
          image: proxy:2.0
`;

const base: Files = {
  'apps/web/base/kustomization.yaml': 'resources: [web.yaml]\n',
  'apps/web/base/web.yaml': deployment,
};

/** Explains a field of the Deployment under an overlay with the lines of `kustomization`. */
function explained(
  kustomization: string,
  {
    field = '',
    object = 'deployment/web',
    more = {},
  }: { field?: string; object?: string; more?: Files } = {},
) {
  const tree = treeOf({
    ...base,
    'apps/web/overlays/east/kustomization.yaml': `resources: [../../base]\n${kustomization}`,
    ...Object.fromEntries(
      Object.entries(more).map(([path, text]) => [`apps/web/overlays/east/${path}`, text]),
    ),
  });
  return explainApplication({
    tree,
    application,
    cluster,
    object,
    field,
    declaration: declaredIn('fleet/web.yaml'),
  });
}

/** What set each field, as one text a step: `VALUE FILE:LINE [ENTRY KIND [written FILE:LINE]]`. */
function told(result: ReturnType<typeof explained>): { [field: string]: string[] } {
  if (!('fields' in result)) throw new Error(JSON.stringify(result));
  return Object.fromEntries(result.fields.map(({ field, history }) => [field, history.map(stepText)]));
}

function stepText({ value, source }: ExplainedField['history'][number]): string {
  const place = (at: { readonly file: string; readonly line?: number }): string =>
    `${at.file.replace('apps/web/', '').replace('overlays/east/', '')}${at.line === undefined ? '' : `:${at.line}`}`;
  const { field, by, written } = source;
  const parts = [value === undefined ? 'gone' : JSON.stringify(value), place(source), field, by];
  return [
    ...parts.filter((part) => part !== undefined),
    ...(written ? [`written ${place(written)}`] : []),
  ].join(' ');
}

const image = '.spec.template.spec.containers[name=server].image';

describe('a field is explained by', () => {
  test('the line of the file that says it, when nothing else touches it', () => {
    expect(told(explained('', { field: '.spec.replicas' }))).toEqual({
      '.spec.replicas': ['1 base/web.yaml:6'],
    });
  });

  test('the entry that set it last, with what it was before', () => {
    expect(told(explained('replicas:\n- { name: web, count: 3 }\n', { field: '.spec.replicas' }))).toEqual({
      '.spec.replicas': ['1 base/web.yaml:6', '3 kustomization.yaml:3 replicas[0] ReplicaCountTransformer'],
    });
    expect(told(explained('images:\n- { name: web, newTag: "1.1" }\n', { field: image }))).toEqual({
      [image]: ['"web:1.0" base/web.yaml:13', '"web:1.1" kustomization.yaml:3 images[0] ImageTagTransformer'],
    });
  });

  test('the line of a patch file, whatever was put before the item', () => {
    const patch = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - { name: logs, image: logs:1 }
        - name: server
          image: web:2.0
`;
    const result = told(explained('patches:\n- path: patch.yaml\n', { more: { 'patch.yaml': patch } }));
    const by = 'kustomization.yaml:3 patches[0] PatchTransformer written';
    expect(result[image]).toEqual(['"web:1.0" base/web.yaml:13', `"web:2.0" ${by} patch.yaml:10`]);
    expect(result['.spec.template.spec.containers[name=logs].image']).toEqual([
      `"logs:1" ${by} patch.yaml:8`,
    ]);
    expect(result['.spec.template.spec.containers[name=proxy].image']).toEqual([
      '"proxy:2.0" base/web.yaml:17',
    ]);
  });

  test('the line of a patch in the kustomization, merge or JSON', () => {
    const merge = `patches:
- target: { kind: Deployment }
  patch: |-
    kind: Deployment
    metadata: { name: any }
    spec:
      replicas: 5
`;
    const replaced = `patches:
- target: { kind: Deployment }
  patch: |
    - op: test
      path: /spec/replicas
      value: 1
    - op: replace
      path: /spec/replicas
      value: 5
`;
    for (const [kustomization, line] of [
      [merge, 8],
      [replaced, 9],
    ] as const)
      expect(told(explained(kustomization, { field: '.spec.replicas' }))).toEqual({
        '.spec.replicas': [
          '1 base/web.yaml:6',
          `5 kustomization.yaml:3 patches[0] PatchTransformer written kustomization.yaml:${line}`,
        ],
      });
  });

  test('the patch that took it away, when it is asked for by its whole path', () => {
    const patch =
      'patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: { name: web }\n    spec: { replicas: null }\n';
    const result = explained(patch, { field: '.spec.replicas' });
    expect(told(result)['.spec.replicas']?.[1]).toBe(
      'gone kustomization.yaml:3 patches[0] PatchTransformer written kustomization.yaml:7',
    );
    expect(Object.keys(told(explained(patch)))).not.toContain('.spec.replicas');
  });

  test('namespaces, prefixes, labels, components, generators, hashes and references', () => {
    const kustomization = `components: [part]
namespace: ns
namePrefix: p-
labels:
- pairs: { team: a }
configMapGenerator:
- name: settings
  files: [app.conf]
  literals: [mode=slow]
`;
    const more = {
      'part/kustomization.yaml':
        'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnameSuffix: -s\n',
      'app.conf': 'a=1',
    };
    const web = told(explained(kustomization, { object: 'deployment/p-web-s', more }));
    expect(web['.metadata.name']).toEqual([
      '"web" base/web.yaml:4',
      '"web-s" part/kustomization.yaml:3 nameSuffix SuffixTransformer',
      '"p-web-s" kustomization.yaml:4 namePrefix PrefixTransformer',
    ]);
    expect(web['.metadata.namespace']).toEqual(['"ns" kustomization.yaml:3 namespace NamespaceTransformer']);
    expect(web['.metadata.labels.team']).toEqual(['"a" kustomization.yaml:6 labels[0] LabelTransformer']);
    expect(web['.spec.template.spec.containers[name=server].envFrom[0].configMapRef.name']).toEqual([
      '"settings" base/web.yaml:15',
      expect.stringMatching(/^"p-settings-s-\w+" kustomization.yaml NameReferenceTransformer$/),
    ]);
    const name = /p-settings-s-\w+/.exec(JSON.stringify(web))?.[0] ?? '';
    const map = told(explained(kustomization, { object: `configmap/${name}`, more }));
    expect(map['.data.mode']).toEqual([
      '"slow" kustomization.yaml:8 configMapGenerator[0] ConfigMapGenerator',
    ]);
    expect(map['.data["app.conf"]']).toEqual([
      '"a=1" kustomization.yaml:8 configMapGenerator[0] ConfigMapGenerator written app.conf',
    ]);
    expect(map['.metadata.name']?.at(-1)).toBe(`"${name}" kustomization.yaml HashTransformer`);
  });

  test('replacements and vars', () => {
    const kustomization = `vars:
- name: NAME
  objref: { apiVersion: apps/v1, kind: Deployment, name: web }
commonAnnotations: { of: $(NAME) }
configurations: [config.yaml]
replacements:
- source: { kind: Deployment, name: web, fieldPath: metadata.name }
  targets: [{ select: { kind: Deployment }, fieldPaths: [spec.template.spec.initContainers.0.image] }]
`;
    const more = { 'config.yaml': 'varReference:\n- { kind: Deployment, path: metadata/annotations }\n' };
    const result = told(explained(kustomization, { more }));
    expect(result['.metadata.annotations.of']).toEqual([
      '"$(NAME)" kustomization.yaml:5 commonAnnotations AnnotationsTransformer',
      '"web" kustomization.yaml:2 vars RefVarTransformer',
    ]);
    expect(result['.spec.template.spec.initContainers[name=first].image']).toEqual([
      '"tools:1" base/web.yaml:10',
      '"web" kustomization.yaml:7 replacements ReplacementTransformer',
    ]);
  });

  test('the application, for a namespace that no file says', () => {
    expect(told(explained('', { field: '.metadata.namespace' }))).toEqual({
      '.metadata.namespace': ['"shop" fleet/web.yaml:7 spec.namespace Application'],
    });
  });
});

test('fields of plain files have their lines, also in lists and behind other documents', () => {
  const list = `kind: List\napiVersion: v1\nitems:\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: { name: b }\n  data:\n    key: x\n`;
  const two =
    'apiVersion: v1\nkind: Service\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: b }\nspec:\n  clusterIP: None\n';
  const tree = treeOf({ 'apps/web/base/list.yaml': list, 'apps/web/base/two.yaml': two });
  const line = (object: string, field: string): string[] | undefined =>
    told(explainApplication({ tree, application, cluster, object, field, declaration: declaredIn('f') }))[
      field
    ];
  expect(line('configmap/b', '.data.key')).toEqual(['"x" base/list.yaml:9']);
  expect(line('service/b', '.spec.clusterIP')).toEqual(['"None" base/two.yaml:9']);
});

test('values of Secrets are never told, neither the last nor those before', () => {
  const secret =
    'apiVersion: v1\nkind: Secret\nmetadata: { name: keys }\nstringData: { a: canary-1, b: canary-2 }\n';
  const patch =
    '{ apiVersion: v1, kind: Secret, metadata: { name: keys }, stringData: { a: canary-3, b: null } }';
  const kustomization = `- keys.yaml\n- s.yaml\n`;
  const files = { 'keys.yaml': secret, 'patch.yaml': patch };
  const both = `patches:\n- path: patch.yaml\nsecretGenerator:\n- name: made\n  literals: [a=canary-4]\n  options: { disableNameSuffixHash: true }\n`;
  expect(kustomization).toContain('keys');
  const more = { ...files, 'sub/kustomization.yaml': 'resources: [keys.yaml]\n', 'sub/keys.yaml': secret };
  const under = `bases: [sub]\n${both}`;
  for (const object of ['secret/keys', 'Secrets/made', 'shop/secret/keys']) {
    const result = explained(under, { object, more });
    expect(told(result)).toBeTruthy();
    expect(JSON.stringify(result)).not.toContain('canary');
  }
  const gone = explained(under, { object: 'secret/keys', field: '.stringData.b', more });
  expect(told(gone)['.stringData.b']).toHaveLength(2);
  expect(JSON.stringify(gone)).not.toContain('canary');
});

test('an object or a field that is not there is told with the way out', () => {
  expect(explained('', { object: 'deployment/wep' })).toEqual({
    message: 'there is no deployment/wep',
    fix: 'did you mean deployment/web?',
  });
  expect(explained('', { object: 'web' })).toMatchObject({ fix: 'write KIND/NAME or NAMESPACE/KIND/NAME' });
  expect(explained('', { field: '.spec.replica' })).toEqual({
    message: 'the object has no field .spec.replica',
    fix: 'did you mean .spec.replicas?',
  });
  expect(explained('', { field: '.spec.template.spec.containers[nam' })).toMatchObject({
    message: expect.stringContaining('is no path of a field'),
  });
});

test('an application that cannot be rendered is refused as it is elsewhere', () => {
  const result = explained('replicas: 3\n');
  expect(result).toMatchObject({
    errors: [{ file: 'apps/web/overlays/east/kustomization.yaml', line: 2, cluster: 'east' }],
  });
});

test('explaining changes nothing of what is rendered', () => {
  const tree = treeOf({
    ...base,
    'apps/web/overlays/east/kustomization.yaml': 'resources: [../../base]\nnamePrefix: a-\n',
  });
  const rendered = () => {
    const resolved = resolveApplication({ tree, application, cluster });
    return 'digest' in resolved ? { digest: resolved.digest, warnings: resolved.warnings } : resolved;
  };
  const before = rendered();
  expect(before).toMatchObject({ digest: expect.any(String) as string });
  explainApplication({
    tree,
    application,
    cluster,
    object: 'deployment/a-web',
    field: '',
    declaration: declaredIn('f'),
  });
  expect(rendered()).toEqual(before);
});
