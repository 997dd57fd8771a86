import type { LocatedError } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, test } from 'vitest';
import { buildSource } from './directory.ts';
import { buildKustomization, treeOf } from './index.ts';

type Files = { readonly [path: string]: string };

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      serviceAccountName: web
      containers:
        - name: server
          image: registry.example:5000/team/web:1.0
          ports: [{ containerPort: 80, protocol: TCP }]
          env: [{ name: MODE, value: slow }, { name: LEVEL, value: info }]
          envFrom: [{ configMapRef: { name: settings } }]
      volumes: [{ name: s, secret: { secretName: keys } }]
`;
const hpa = `{ apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: web }, spec: { scaleTargetRef: { kind: Deployment, name: web } } }\n`;

function objects(files: Files, root = ''): readonly KubeObject[] {
  const built = buildKustomization(treeOf(files), root);
  if ('errors' in built) throw new Error(JSON.stringify(built.errors));
  return built.objects.map(({ fields }) => fields as unknown as KubeObject);
}

function errorsOf(files: Files, root = ''): readonly LocatedError[] {
  const built = buildKustomization(treeOf(files), root);
  if ('objects' in built) throw new Error('the build was accepted');
  return built.errors;
}

function pick(list: readonly KubeObject[], kind: string): KubeObject {
  return list.find((each) => each.kind === kind)!;
}

/** A base with the Deployment, and an overlay that does `change` to it. */
const overlay = (change: string, more: Files = {}): Files => ({
  'base/web.yaml': deployment,
  'base/hpa.yaml': hpa,
  'base/kustomization.yaml': 'resources:\n- web.yaml\n- hpa.yaml\n',
  'over/kustomization.yaml': `resources:\n- ../base\n${change}`,
  ...more,
});
const over = (change: string, more: Files = {}): readonly KubeObject[] =>
  objects(overlay(change, more), 'over');
const refusal = (change: string, more: Files = {}): LocatedError =>
  errorsOf(overlay(change, more), 'over')[0]!;

describe('what a kustomization can do', () => {
  test('generated names carry the hash of kustomize, and references follow', () => {
    const built = over(
      'configMapGenerator:\n- name: settings\n  literals: [a=b]\nsecretGenerator:\n- name: keys\n  files: [key=k.txt]\nnamePrefix: p-\n',
      { 'over/k.txt': 'secret\n' },
    );
    const spec = JSON.stringify(pick(built, 'Deployment')['spec']);
    expect(pick(built, 'ConfigMap').metadata.name).toBe('p-settings-4h2mbtbbt6');
    expect(spec).toContain('"configMapRef":{"name":"p-settings-4h2mbtbbt6"}');
    expect(spec).toContain(`"secretName":"${pick(built, 'Secret').metadata.name}"`);
    expect(JSON.stringify(pick(built, 'HorizontalPodAutoscaler'))).toContain(
      '"scaleTargetRef":{"kind":"Deployment","name":"p-web"}',
    );
  });

  test('a strategic merge patch merges lists by their keys and removes what it says', () => {
    const patch = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { spec: { serviceAccountName: null,
      containers: [{ name: server, env: [{ name: MODE, $patch: delete }, { name: NEW, value: x }] }, { name: side, image: s }] } } } }`;
    const { spec } = pick(over(`patches:\n- patch: |-\n    ${patch}\n`), 'Deployment') as unknown as {
      spec: {
        template: {
          spec: { containers: { name: string; env?: { name: string }[] }[]; serviceAccountName?: string };
        };
      };
    };
    const { containers, serviceAccountName } = spec.template.spec;
    expect(containers.map(({ name }) => name)).toEqual(['server', 'side']);
    expect(containers[0]?.env?.map(({ name }) => name)).toEqual(['NEW', 'LEVEL']);
    expect(serviceAccountName).toBeUndefined();
  });

  test('images, replicas, labels and namespace are set where they belong', () => {
    const web = pick(
      over(
        'namespace: prod\nimages:\n- { name: registry.example:5000/team/web, newName: web, digest: "sha256:abc" }\nreplicas:\n- { name: web, count: 4 }\nlabels:\n- pairs: { tier: prod }\n  includeTemplates: true\ncommonAnnotations: { note: hello }\n',
      ),
      'Deployment',
    );
    expect(web.metadata).toMatchObject({
      namespace: 'prod',
      labels: { tier: 'prod' },
      annotations: { note: 'hello' },
    });
    expect(web['spec']).toMatchObject({
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web', tier: 'prod' } },
        spec: { containers: [{ image: 'web@sha256:abc' }] },
      },
    });
  });

  test('a component changes what its parent has gathered', () => {
    const built = over('components: [../part]\n', {
      'part/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: { kind: Deployment }\n  patch: |-\n    - { op: add, path: /spec/paused, value: true }\n',
    });
    expect(pick(built, 'Deployment')['spec']).toMatchObject({ paused: true });
  });

  test('an overlay may be empty on purpose', () => {
    expect(objects({ 'kustomization.yaml': 'resources: []\n' })).toEqual([]);
  });

  test('building twice gives equal objects, and neither build sees the other', () => {
    const tree = treeOf(overlay('namePrefix: a-\n'));
    const first = buildKustomization(tree, 'over');
    const frozen = JSON.stringify(first);
    if ('objects' in first) (first.objects[0]?.fields as { kind: string }).kind = 'Changed';
    expect(JSON.stringify(buildKustomization(tree, 'over'))).toBe(frozen);
    expect(JSON.stringify(buildKustomization(tree, 'base'))).not.toContain('a-web');
  });
});

describe('what is wrong is said with file, line and the way out', () => {
  test('a resource that does not exist', () => {
    expect(refusal('- ../nowhere\n')).toMatchObject({
      file: 'over/kustomization.yaml',
      line: 3,
      field: 'resources[1]',
      message: 'nowhere does not exist',
      fix: expect.stringContaining('nowhere'),
    });
  });

  test('broken YAML in a base', () => {
    expect(errorsOf(overlay('', { 'base/web.yaml': 'kind: [x\n' }), 'over')[0]).toMatchObject({
      file: 'base/web.yaml',
      line: expect.any(Number),
    });
  });

  test('an unknown field, with what was meant, and all of them at once', () => {
    const errors = errorsOf(overlay('resorces: []\nimages:\n- { name: a, newTga: b }\n'), 'over');
    expect(errors).toEqual([
      expect.objectContaining({
        line: 3,
        field: 'resorces',
        message: 'unknown field resorces',
        fix: 'did you mean resources?',
      }),
      expect.objectContaining({ line: 5, field: 'images[0].newTga', fix: 'did you mean newTag?' }),
    ]);
  });

  test('charts and plugins that are not built in', () => {
    expect(refusal('helmCharts: [{ name: a }]\n')).toMatchObject({
      line: 3,
      field: 'helmCharts[0]',
      message: 'Helm charts are not rendered here',
      fix: expect.stringContaining('--enable-helm'),
    });
    const plugin = { 'over/a.yaml': '{ apiVersion: x/v1, kind: Mine, metadata: { name: m } }\n' };
    expect(refusal('transformers: [a.yaml]\n', plugin)).toMatchObject({
      file: 'over/a.yaml',
      line: 1,
      message: 'Mine is no built-in plugin, and others are not run',
    });
  });

  test.each([
    ['namespace: 5\n', 'namespace must be text'],
    ['resources: a\n'.replace('resources', 'components'), 'components must be a list'],
    ['commonLabels: { a: 1 }\n', 'commonLabels.a must be text'],
    ['replicas:\n- { name: web, count: many }\n', 'must be a whole number'],
    ['replicas:\n- { name: wev, count: 1 }\n', 'has the name wev'],
    ['patches:\n- path: a.yaml\n  patch: b\n', 'has a path and a patch'],
    ['patches:\n- path: a.yaml\n', 'over/a.yaml does not exist'],
    ['patches:\n- patch: "- { op: jump, path: /a }"\n  target: { kind: Deployment }\n', 'op must be one of'],
    [
      'patches:\n- patch: "- { op: remove, path: /nope }"\n  target: { kind: Deployment }\n',
      'the key nope is not there',
    ],
    ['patches:\n- patch: "- { op: remove, path: /spec }"\n', 'target'],
    [
      'patches:\n- patch: "{ apiVersion: v1, kind: Deployment, metadata: { name: web } }"\n',
      'the patch for Deployment web fits no object',
    ],
    ['patches:\n- patch: "{ a: *b }"\n', 'line 1: the alias *b has no anchor before it'],
    ['patches:\n- patch: "{ kind: X, metadata: { name: y } }"\n  target: { name: "(" }\n', 'the pattern "("'],
    [
      'patches:\n- patch: "{ kind: X, metadata: { name: y } }"\n  target: { labelSelector: "a in (" }\n',
      'the labelSelector',
    ],
    ['configMapGenerator:\n- name: a\n  behavior: merge\n', 'nothing to merge'],
    ['configMapGenerator:\n- name: a\n  literals: [b]\n', 'literal 1 is not key=value'],
    ['configMapGenerator:\n- literals: [b=c]\n', 'no name'],
    ['configMapGenerator:\n- { name: a }\n- { name: a }\n', 'exists already'],
    ['kind: Deployment\n', 'no kustomization'],
    ['apiVersion: v1\n', 'has the apiVersion'],
    ['components: [../base]\n', 'listed under components'],
  ])('%j', (change, says) => {
    const error = refusal(change);
    expect(error.message).toContain(says);
    expect(error).toMatchObject({
      file: expect.stringContaining('kustomization.yaml'),
      line: expect.any(Number),
      fix: expect.any(String),
    });
  });

  test('a patch that fits nothing, with what is there instead', () => {
    const patch = '{ apiVersion: v1, kind: Deployment, metadata: { name: web } }';
    expect(refusal(`patches:\n- patch: '${patch}'\n`).fix).toBe(
      'check the patch: there is Deployment web (apps/v1)',
    );
  });

  test('the value of a Secret is in no error', () => {
    const error = refusal('secretGenerator:\n- name: a\n  literals: ["=canary"]\n');
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test('what one version of kustomize knows and the other does not', () => {
    const labels = overlay('labels:\n- { pairs: { a: b }, includeVolumeClaimTemplates: true }\n');
    expect(buildKustomization(treeOf(labels), 'over', { profile: '5.5' })).toMatchObject({
      errors: [{ line: 4, field: 'labels[0].includeVolumeClaimTemplates' }],
    });
    expect(buildKustomization(treeOf(labels), 'over', { profile: '5.8' })).toHaveProperty('objects');
    const patch = '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web } }';
    const options = overlay(`patches:\n- { patch: '${patch}', options: { allowAll: true } }\n`);
    expect(buildKustomization(treeOf(options), 'over', { profile: '5.5' })).toHaveProperty('objects');
    expect(buildKustomization(treeOf(options), 'over', { profile: '5.8' })).toMatchObject({
      errors: [{ field: 'patches[0].options.allowAll' }],
    });
  });

  test('objects that a patch makes the same, and one that loses its kind', () => {
    const two = { 'a.yaml': hpa, 'b.yaml': hpa.replace('name: web', 'name: other') };
    const patched = (operation: string): readonly LocatedError[] =>
      errorsOf({
        ...two,
        'kustomization.yaml': `resources: [a.yaml, b.yaml]\npatches:\n- patch: '- ${operation}'\n  target: { name: other }\n`,
      });
    expect(patched('{ op: replace, path: /metadata/name, value: web }')[0]?.message).toContain(
      'there already',
    );
    expect(patched('{ op: replace, path: /kind, value: "" }')[0]?.message).toContain('lost its kind');
  });

  test('an object that is there twice names both places', () => {
    expect(
      errorsOf({ 'a.yaml': hpa, 'b.yaml': hpa, 'kustomization.yaml': 'resources: [a.yaml, b.yaml]\n' })[0],
    ).toMatchObject({
      file: 'b.yaml',
      line: 1,
      message: 'HorizontalPodAutoscaler web is there twice, first in a.yaml:1',
    });
  });

  test('a directory without, with an empty and with two kustomizations', () => {
    expect(errorsOf({ 'x/a.yaml': hpa }, 'x')[0]?.message).toContain('has no kustomization.yaml');
    expect(errorsOf({ 'x/a.yaml': hpa }, 'y')[0]?.message).toBe('y does not exist');
    expect(errorsOf({ 'x/a.yaml': hpa }, 'x/a.yaml')[0]?.message).toBe('x/a.yaml is a file');
    expect(errorsOf({ 'kustomization.yaml': 'kind: Kustomization\n' })[0]?.fix).toContain('resources: []');
    expect(errorsOf({ 'kustomization.yaml': '', Kustomization: '' })[0]?.message).toContain(
      'Kustomization and kustomization.yaml',
    );
  });
});

test('a base without a kustomization is told where it is named', () => {
  const files = { 'base/a.yaml': hpa, 'over/kustomization.yaml': 'resources:\n- ../base\n' };
  expect(errorsOf(files, 'over')[0]).toMatchObject({
    file: 'over/kustomization.yaml',
    line: 2,
    field: 'resources[0]',
    message: 'base has no kustomization.yaml',
  });
});

describe('plain directories', () => {
  const files = {
    'app/b.yaml': deployment,
    'app/a/hpa.yml': hpa,
    'app/README.md': '# x',
    'app/c.json': '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}',
  };

  test('give the objects of every YAML and JSON file in path order', () => {
    const built = buildSource(treeOf(files), 'app');
    expect('objects' in built && built.objects.map(({ fields }) => fields['kind'])).toEqual([
      'HorizontalPodAutoscaler',
      'Deployment',
      'Pod',
    ]);
  });

  test('are told from kustomizations by their files', () => {
    const built = buildSource(treeOf({ ...files, 'app/kustomization.yaml': 'resources: [c.json]\n' }), 'app');
    expect('objects' in built && built.objects.length).toBe(1);
    expect(buildSource(treeOf(files), 'nowhere')).toEqual({
      errors: [expect.objectContaining({ message: 'nowhere does not exist' })],
    });
  });
});
