import type { LocatedError } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../build/step.ts';
import { defaultConfig } from '../config/transformer-config.ts';
import { at, object, refusalOf, testStep } from '../testing/objects.ts';
import type { Resource } from '../resources/resource.ts';
import { changedImage, imageMatcher, type ImageTag } from './image-name.ts';
import { applyImages } from './images.ts';

function applied(resource: Resource, imageTag: ImageTag, profile: Profile = '5.5'): Resource {
  const config = { imageTag, fieldSpecs: defaultConfig(profile).images };
  return applyImages([resource], config, testStep(profile))[0] ?? resource;
}
const pod = (image: string): Resource => object('v1 Pod p', { spec: { containers: [{ name: 'c', image }] } });
const imageOf = (resource: Resource): unknown => at(resource, 'spec/containers/0/image');

describe('the name of an image', () => {
  it.each([
    ['nginx', 'nginx', true],
    ['nginx', 'nginx:1.2@sha256:abc', true],
    ['nginx', 'nginx-extra', false],
    ['nginx', 'docker.io/nginx', false],
    ['example.com:5000/a', 'example.com:5000/a:1', true],
    // A point stands for any character, because the name is a pattern.
    ['example.com/a', 'exampleXcom/a', true],
    ['ngin(x|y)', 'nginy:1', true],
    ['.*', 'whatever:1', true],
    ['nginx', 'nginx:a:b', false],
  ])('%s fits %s: %s', (name, image, fits) => {
    expect(imageMatcher(name, '5.5')(image)).toBe(fits);
  });

  it('fits digests of any algorithm in 5.8 only', () => {
    expect(imageMatcher('nginx', '5.5')('nginx@sha512:abc')).toBe(false);
    expect(imageMatcher('nginx', '5.8')('nginx@sha512:abc')).toBe(true);
  });

  it('that is no pattern ends a build of 5.5 at the first image, and fits nothing in 5.8', () => {
    expect(refusalOf(() => applied(pod('nginx'), { name: '[', newTag: '2' }))).toContain(
      'is read as a regular expression and is none',
    );
    expect(refusalOf(() => applied(object('v1 Secret s'), { name: '[', newTag: '2' }))).toBeUndefined();
    expect(imageOf(applied(pod('nginx'), { name: '[', newTag: '2' }, '5.8'))).toBe('nginx');
  });
});

describe('a changed image', () => {
  it.each([
    ['nginx:1', { newTag: '2' }, 'nginx:2'],
    ['nginx:1@sha256:a', { newTag: '2' }, 'nginx:2'],
    ['nginx:1', { digest: 'sha256:b' }, 'nginx@sha256:b'],
    ['nginx:1', { newTag: '2', digest: 'sha256:b' }, 'nginx:2@sha256:b'],
    ['nginx:1@sha256:a', { newName: 'other' }, 'other:1@sha256:a'],
    ['host:5000/nginx', { newTag: '2' }, 'host:5000/nginx:2'],
    ['nginx:1', { tagSuffix: '-alpine' }, 'nginx:1-alpine'],
    ['nginx:1@sha256:a', { tagSuffix: '-alpine' }, 'nginx:1-alpine'],
    ['nginx:1', { newTag: '' }, 'nginx:1'],
  ])('of %s with %j is %s', (image, tag, changed) => {
    expect(changedImage(image, { name: 'x', ...tag })).toBe(changed);
  });
});

describe('images', () => {
  it('are changed in every list of containers, in any kind but definitions of custom resources', () => {
    const deep = { any: [{ initContainers: [{ image: 'nginx' }] }] };
    const after = applied(object('example.com/v1 Widget w', deep), { name: 'nginx', newTag: '2' });
    expect(at(after, 'any/0/initContainers/0/image')).toBe('nginx:2');
    const definition = object('apiextensions.k8s.io/v1 CustomResourceDefinition c', deep);
    expect(applied(definition, { name: 'nginx', newTag: '2' })).toBe(definition);
  });

  it('are changed in volumes since 5.7', () => {
    const volumes = object('v1 Pod p', { spec: { volumes: [{ image: { reference: 'data' } }] } });
    const tag = { name: 'data', newTag: '2' };
    expect(applied(volumes, tag)).toBe(volumes);
    expect(at(applied(volumes, tag, '5.8'), 'spec/volumes/0/image/reference')).toBe('data:2');
  });

  it('get a suffix of the tag twice in ordinary pods, with a warning', () => {
    const warnings: LocatedError[] = [];
    const config = { imageTag: { name: 'nginx', tagSuffix: '-a' }, fieldSpecs: defaultConfig('5.5').images };
    const [after] = applyImages([pod('nginx:1')], config, testStep('5.5', warnings));
    expect(after && imageOf(after)).toBe('nginx:1-a-a');
    expect(warnings.map(({ message }) => message)).toEqual([
      'the tagSuffix -a is added twice to the images of ordinary pods, as kustomize does',
    ]);
  });

  it('are refused in a list of containers that holds something else', () => {
    const wrong = object('v1 Widget w', { containers: ['nginx'] });
    expect(refusalOf(() => applied(wrong, { name: 'nginx', newTag: '2' }))).toContain(
      'a container must be a mapping',
    );
  });
});
