import { describe, expect, it } from 'vitest';
import { object, refusalOf } from '../testing/objects.ts';
import { idText } from '../resources/id.ts';
import { idOf } from '../resources/resource.ts';
import { sortResources, type SortOptions } from './sort.ts';

const place = { file: 'kustomization.yaml' };
const sorted = (options: SortOptions, ...ids: string[]): string[] =>
  sortResources(
    ids.map((id) => object(id)),
    options,
    place,
  ).map((resource) => idText(idOf(resource)));

describe('the order of a build', () => {
  it('goes by kind first, then by group, version, kind, namespace and name', () => {
    expect(
      sorted(
        { order: 'legacy' },
        'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration v',
        'v1 Pod p',
        'example.com/v1 Widget w',
        'apps/v1 Deployment d',
        'v1 Secret b/s',
        'v1 Secret s',
        'v1 Secret a/t',
        'v1 Namespace n',
      ),
    ).toEqual([
      'Namespace n',
      'Secret a/t',
      'Secret b/s',
      // What is not said sorts behind everything that is.
      'Secret s',
      'Deployment d',
      'Widget w',
      'Pod p',
      'ValidatingWebhookConfiguration v',
    ]);
  });

  it('has namespaces of the core group before those of other groups', () => {
    expect(sorted({ order: 'legacy' }, 'a.io/v1 Namespace a', 'v1 Namespace b', 'v1 Namespace a')).toEqual([
      'Namespace a',
      'Namespace b',
      'Namespace a',
    ]);
  });

  it('follows lists of kinds of its own', () => {
    const options = { order: 'legacy', legacySortOptions: { orderFirst: ['Pod'], orderLast: ['Namespace'] } };
    expect(sorted(options, 'v1 Namespace n', 'v1 Secret s', 'v1 Pod p')).toEqual([
      'Pod p',
      'Secret s',
      'Namespace n',
    ]);
  });

  it('is that of the files with fifo', () => {
    const resources = [object('v1 Pod p'), object('v1 Namespace n')];
    expect(sortResources(resources, { order: 'fifo' }, place)).toBe(resources);
  });

  it('gives the very same resources when they are sorted already', () => {
    const resources = [object('v1 Namespace n'), object('v1 Pod p')];
    expect(sortResources(resources, { order: 'legacy' }, place)).toBe(resources);
  });

  it('is refused when it is unknown or contradicts itself', () => {
    expect(refusalOf(() => sorted({}))).toBe("sortOptions.order cannot be ''");
    expect(refusalOf(() => sorted({ order: 'fifo', legacySortOptions: {} }))).toBe(
      'legacySortOptions have no meaning with the order fifo',
    );
  });
});
