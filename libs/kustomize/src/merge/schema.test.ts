import { describe, expect, it } from 'vitest';
import { builtInSchema, type MergeShape } from './schema.ts';

function at(shape: MergeShape | undefined, path: string): MergeShape | undefined {
  return path
    .split('/')
    .reduce<MergeShape | undefined>(
      (found, step) => (step === '[]' ? found?.item() : found?.field(step)),
      shape,
    );
}

describe('the built-in merge schema', () => {
  const podSpec = at(builtInSchema.shapeOf('apps/v1', 'Deployment'), 'spec/template/spec');

  it('merges containers by name and their ports by port and protocol', () => {
    expect(at(podSpec, 'containers')?.mergeKeys).toEqual(['name']);
    expect(at(podSpec, 'containers/[]/ports')?.mergeKeys).toEqual(['containerPort', 'protocol']);
  });

  it('merges finalizers as plain values', () => {
    expect(at(builtInSchema.shapeOf('v1', 'Secret'), 'metadata/finalizers')?.mergeKeys).toEqual([]);
  });

  it('replaces lists that it knows of no key for', () => {
    expect(at(podSpec, 'containers/[]/args')?.mergeKeys).toBeUndefined();
    expect(at(podSpec, 'tolerations')?.mergeKeys).toBeUndefined();
  });

  it('does not know custom resources and versions after Kubernetes 1.21', () => {
    expect(builtInSchema.shapeOf('example.com/v1', 'Deployment')).toBeUndefined();
    expect(builtInSchema.shapeOf('autoscaling/v2', 'HorizontalPodAutoscaler')).toBeUndefined();
  });

  it('gives the same shape every time, so that results can be kept by it', () => {
    expect(at(builtInSchema.shapeOf('apps/v1', 'Deployment'), 'spec/template/spec')).toBe(podSpec);
    expect(at(podSpec, 'volumes/[]')).toBe(at(podSpec, 'volumes/[]'));
  });

  it('takes no name of the prototype for a field', () => {
    expect(podSpec?.field('constructor')).toBeUndefined();
  });
});
