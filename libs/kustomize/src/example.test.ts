import { parseFleetConfig } from '@meridian/fleet';
import { parseYaml, type KubeObject } from '@meridian/manifests';
import { describe, expect, test } from 'vitest';
import { buildSource } from './directory.ts';
import { resolveApplication, treeOf } from './index.ts';

declare global {
  interface ImportMeta {
    glob(
      pattern: string,
      options: { readonly eager: true; readonly import: 'default'; readonly query: '?raw' },
    ): { readonly [path: string]: unknown };
  }
}

const root = '../../../examples/ml-fleet/';
const files = Object.fromEntries(
  Object.entries(
    import.meta.glob('../../../examples/ml-fleet/**', { eager: true, import: 'default', query: '?raw' }),
  ).map(([path, text]) => [path.slice(root.length), String(text)]),
);
const tree = treeOf(files);
const parsed = parseFleetConfig(
  Object.entries(files)
    .filter(([path]) => path.startsWith('fleet/'))
    .map(([path, text]) => ({ path, text })),
);
const { applications, clusters, strategies } = parsed.config;

function rendered(application: string, cluster: string): readonly KubeObject[] {
  const resolved = resolveApplication({
    tree,
    application: applications.find(({ name }) => name === application)!,
    cluster: clusters.find(({ name }) => name === cluster)!,
  });
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  return resolved.bundle.objects;
}

const find = (objects: readonly KubeObject[], kind: string): KubeObject =>
  objects.find((each) => each.kind === kind)!;

describe('the example fleet', () => {
  test('has no problem in its configuration', () => {
    expect(parsed.problems).toEqual([]);
    expect(applications.map(({ name }) => name)).toEqual([
      'inference-server',
      'model-registry-sync',
      'monitoring',
      'training-scheduler',
    ]);
    expect(clusters.map(({ name }) => name)).toEqual(['us-east-1', 'us-west-2', 'eu-west-1']);
    expect(strategies.map(({ name, stages }) => [name, stages.length])).toEqual([
      ['by-region', 3],
      ['all-at-once', 1],
    ]);
  });

  test('builds in every directory that is an overlay or a base', () => {
    const directories = Object.keys(files)
      .filter((path) => /\/(?:base|overlays\/[^/]+)\/kustomization\.yaml$/.test(path))
      .map((path) => path.slice(0, path.lastIndexOf('/')));
    expect(directories).toHaveLength(28);
    expect(
      directories.flatMap((directory) => ('errors' in buildSource(tree, directory) ? [directory] : [])),
    ).toEqual([]);
  });

  test('gives each region its own limits', () => {
    const scales = clusters.map(
      ({ name }) => find(rendered('inference-server', name), 'HorizontalPodAutoscaler')['spec'],
    );
    expect(scales).toEqual([
      expect.objectContaining({ minReplicas: 3, maxReplicas: 12 }),
      expect.objectContaining({ minReplicas: 1, maxReplicas: 4 }),
      expect.objectContaining({ minReplicas: 2, maxReplicas: 8 }),
    ]);
    expect(find(rendered('inference-server', 'us-east-1'), 'Deployment')['spec']).not.toHaveProperty(
      'replicas',
    );
    expect(find(rendered('model-registry-sync', 'us-east-1'), 'Deployment')['spec']).toHaveProperty(
      'replicas',
      2,
    );
  });

  test('keeps the secrets of Europe in another store', () => {
    const stores = clusters.map(
      ({ name }) => find(rendered('model-registry-sync', name), 'ConfigMap')['data'],
    );
    expect(stores.map((data) => (data as { SECRET_STORE: string }).SECRET_STORE)).toEqual([
      'vault://prod/model-registry',
      'vault://prod/model-registry',
      'aws-secretsmanager://eu-west-1/model-registry',
    ]);
  });

  test('points the volume of Prometheus at the generated configuration of its region', () => {
    for (const { name } of clusters) {
      const objects = rendered('monitoring', name);
      const map = find(objects, 'ConfigMap');
      expect(map.metadata.name).toMatch(/^prometheus-config-[a-z0-9]{10}$/);
      expect(JSON.stringify(find(objects, 'Deployment'))).toContain(
        `"configMap":{"name":"${map.metadata.name}"}`,
      );
    }
  });

  test('holds no Secret', () => {
    for (const [path, text] of Object.entries(files)) {
      if (!/\.ya?ml$/.test(path)) continue;
      const documents = parseYaml(text, path);
      expect(
        'documents' in documents &&
          documents.documents.some(({ value }) => (value as KubeObject | null)?.kind === 'Secret'),
      ).toBe(false);
    }
  });
});
