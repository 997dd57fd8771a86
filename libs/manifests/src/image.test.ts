import { describe, expect, it, test } from 'vitest';
import { imagesIn, readImage } from './index.ts';
import type { Json, KubeObject } from './index.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('an image', () => {
  test.each([
    ['nginx', 'docker.io', 'library/nginx'],
    ['nginx:1.25', 'docker.io', 'library/nginx'],
    ['team/app', 'docker.io', 'team/app'],
    ['docker.io/nginx', 'docker.io', 'library/nginx'],
    ['index.docker.io/team/app', 'docker.io', 'team/app'],
    ['registry.example.com/app', 'registry.example.com', 'app'],
    ['REGISTRY.Example.com/app:1', 'registry.example.com', 'app'],
    ['Registry/app', 'registry', 'app'],
    ['registry.example.com:5000/a/b:1.0', 'registry.example.com:5000', 'a/b'],
    [`registry.example.com/a/b:1.0@${digest}`, 'registry.example.com', 'a/b'],
    [`registry.example.com@${digest}`, 'docker.io', 'library/registry.example.com'],
    ['registry.example.com:5000', 'docker.io', 'library/registry.example.com'],
    ['localhost/app', 'localhost', 'app'],
    ['registry.example.com.evil.com/app', 'registry.example.com.evil.com', 'app'],
  ])('%s is of %s', (text, registry, repository) => {
    expect(readImage(text)).toEqual({ registry, repository });
  });

  test.each([
    'user:secret@registry.example.com/app',
    'registry.example.com@evil.com/app',
    'registry.example.com/../evil',
    'registry.example.com/a//b',
    'registry.example.com./app',
    'registry.example.com/%2e%2e/app',
    'registry.example.com:99999999/app',
    'docker://registry.example.com/app',
    '[::1]:5000/app',
    'registry.example.com/App',
    ' nginx',
    'nginx ',
    'nginx\n',
    'nginx:',
    'nginx@sha256:1',
    `nginx@${digest}@${digest}`,
    '/nginx',
    '',
    'rég.example.com/app',
  ])('is none when it is written %j', (text) => {
    expect(readImage(text)).toBeUndefined();
  });

  it('is none when it is long, whatever it is long of', () => {
    for (const part of ['a', 'a.', 'a-', '-', '_', 'a/', ':', '@', '0.'])
      expect(readImage(part.repeat(500_000))).toBeUndefined();
  });
});

const object = (spec: Json, kind = 'RayCluster', apiVersion = 'ray.io/v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', labels: { image: 'label' }, annotations: { image: 'annotation' } },
  spec,
});

const texts = (found: KubeObject): readonly string[] => imagesIn(found).map(({ image }) => image);

describe('the images in an object', () => {
  it('are those of all containers of a pod template, and of its volumes, with their fields', () => {
    const spec = {
      template: {
        metadata: { labels: { image: 'label' } },
        spec: {
          nodeSelector: { image: 'node' },
          initContainers: [{ image: 'init' }],
          containers: [{ name: 'a', image: 'first', env: [{ name: 'image', value: 'no' }] }, { image: '' }],
          ephemeralContainers: [{ image: 'debug' }],
          volumes: [{ name: 'model', image: { reference: 'weights' } }],
        },
      },
    };
    const found = imagesIn(object(spec, 'Deployment', 'apps/v1'));
    expect(found).toContainEqual({ field: 'spec.template.spec.containers[0].image', image: 'first' });
    expect(found.map(({ image }) => image).sort()).toEqual(['debug', 'first', 'init', 'weights']);
  });

  it('are those of custom kinds, however deep, and of lists that are no list of containers to others', () => {
    const pods = { containers: [{ image: 'head' }, 'odd', null] };
    expect(texts(object({ headGroupSpec: { template: { spec: pods } } }))).toEqual(['head']);
    expect(texts(object({ predictor: { model: { storageUri: 'OCI://models/llm' } } }))).toEqual([
      'models/llm',
    ]);
    expect(texts(object({ templates: [{ container: { image: 'a' } }, { script: { image: 'b' } }] }))).toEqual(
      ['a', 'b'],
    );
    expect(texts(object({ image: { registry: 'r.example.com', repository: 'x', tag: '1' } }))).toEqual([
      'r.example.com/x',
    ]);
    expect(texts(object({ image: { repository: 'x' } }))).toEqual(['x']);
    expect(texts(object({ labels: { image: 'hidden', pods: { containers: [{ image: 'deep' }] } } }))).toEqual(
      ['hidden', 'deep'],
    );
  });

  it('are those of the items of a list', () => {
    const items = [object({ containers: [{ image: 'inner' }] }, 'Pod', 'v1')];
    expect(texts({ apiVersion: 'v1', kind: 'List', metadata: { name: 'l' }, items })).toEqual(['inner']);
  });

  it('are not the data of ConfigMaps and Secrets, nor texts in schemas', () => {
    for (const kind of ['ConfigMap', 'Secret'])
      expect(texts({ ...object({}, kind, 'v1'), data: { image: 'nginx' } })).toEqual([]);
    expect(texts(object({ image: 'x' }, 'CustomResourceDefinition', 'apiextensions.k8s.io/v1'))).toEqual([]);
    expect(texts(object({ image: 'x' }, 'ConfigMap', 'example.com/v1'))).toEqual(['x']);
  });

  it('are found at any depth', () => {
    let spec: Json = { image: 'deep' };
    for (let depth = 0; depth < 100_000; depth += 1) spec = [spec];
    expect(texts(object({ deep: spec }))).toEqual(['deep']);
  });
});
