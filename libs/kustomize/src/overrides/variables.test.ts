import type { Application, Cluster } from '@meridian/fleet';
import { describe, expect, test } from 'vitest';
import { resolveApplication, treeOf, type ResolvedApplication } from '../index.ts';

const cluster: Cluster = {
  name: 'c1',
  labels: { region: 'eu', 'example.com/gpus': '8', flag: 'true', empty: '' },
};

function resolve(
  files: { readonly [path: string]: string },
  more: Partial<Application> = {},
): ResolvedApplication {
  const application = {
    name: 'web',
    path: 'web',
    overlays: ['.'],
    namespace: 'shop',
    variables: true,
    ...more,
  };
  return resolveApplication({
    tree: treeOf(files),
    application: application as unknown as Application,
    cluster,
  });
}

const map = (data: string, name = 'm'): { readonly [path: string]: string } => ({
  'web/map.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`,
});

function dataOf(resolved: ResolvedApplication): unknown {
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  return resolved.bundle.objects[0]?.['data'];
}
const errorOf = (resolved: ResolvedApplication): unknown =>
  'errors' in resolved ? resolved.errors[0] : undefined;

describe('variables', () => {
  test.each([
    ['x: in ${cluster.labels.region}, ${cluster.name}', 'in eu, c1'],
    ['x: ${cluster.labels.example.com/gpus}', '8'],
    ['x: "${cluster.labels.flag}"', 'true'],
    ['x: ${cluster.labels.flag}', 'true'],
    ['x: $${cluster.name} and $$${cluster.name}', '${cluster.name} and $${cluster.name}'],
  ])('%s is replaced, and is text whatever it says', (line, value) => {
    expect(dataOf(resolve(map(line)))).toEqual({ x: value });
  });

  test.each([
    '${REGION} $REGION ${REGION:-eu} $(REGION)',
    '{cluster.name} {region}',
    '${clusters.name}',
    '${a.b}',
  ])('what shells and others write stays: %s', (text) => {
    expect(dataOf(resolve(map(`x: ${JSON.stringify(text)}`)))).toEqual({ x: text });
  });

  test('nothing is replaced unless the application says so', () => {
    expect(dataOf(resolve(map('x: ${cluster.name}'), { variables: false }))).toEqual({
      x: '${cluster.name}',
    });
  });

  test.each([
    ['x: ${cluster.region}', 'the cluster c1 has no variable ${cluster.region}', '${cluster.labels.region}'],
    ['x: ${cluster.labels.zone}', 'the cluster c1 has no variable ${cluster.labels.zone}', '${cluster.name}'],
    ['x: ${cluster.name:-c0}', 'has no variable ${cluster.name:-c0}', '$${cluster.name:-c0}'],
    ['x: ${cluster.labels.__proto__}', 'has no variable', '${cluster.name}'],
    ['x: ${cluster.labels.empty}', 'the label empty of the cluster c1 is empty', 'a value'],
    ['x: a ${cluster.name', 'no closing brace', 'add it'],
  ])('%s is refused with its place and what there is', (line, message, fix) => {
    expect(errorOf(resolve(map(line)))).toEqual({
      file: 'web/map.yaml',
      line: 1,
      field: 'data.x',
      cluster: 'c1',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
  });

  test('a variable in a key is refused', () => {
    expect(errorOf(resolve(map('${cluster.name}: x')))).toMatchObject({
      field: 'data',
      message: expect.stringContaining('only values have variables'),
    });
  });

  test('names and what refers to them change together, and hashes tell of the values', () => {
    const files = {
      'web/kustomization.yaml': `namePrefix: p-
resources: [pod.yaml]
configMapGenerator: [{ name: 's-\${cluster.name}', literals: ['region=\${cluster.labels.region}'] }]
`,
      'web/pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: { name: pod }\nspec: { volumes: [{ name: s, configMap: { name: "s-${cluster.name}" } }] }\n',
    };
    const names = (region: string): unknown[] => {
      const resolved = resolveApplication({
        tree: treeOf(files),
        application: {
          name: 'web',
          path: 'web',
          overlays: ['.'],
          namespace: 'shop',
          variables: true,
        } as unknown as Application,
        cluster: { name: 'c1', labels: { region } },
      });
      if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
      const [config, pod] = resolved.bundle.objects;
      const { volumes } = pod?.['spec'] as { volumes: { configMap: { name: string } }[] };
      return [config?.metadata.name, volumes[0]?.configMap.name];
    };
    const [name, reference] = names('eu');
    expect(name).toMatch(/^p-s-c1-\w{10}$/);
    expect(reference).toBe(name);
    expect(names('us')[0]).not.toBe(name);
  });

  test('values of overrides have them, too', () => {
    const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m }\ndata: { x: "${cluster.name}" }\n';
    const overrides = [{ index: 0, clusters: {}, patches: [{ patch }], images: [], replicas: [] }];
    expect(dataOf(resolve(map('x: y'), { overrides }))).toEqual({ x: 'c1' });
  });
});
