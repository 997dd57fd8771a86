import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/objects.ts';
import { fieldSpec } from './field-spec.ts';
import { defaultConfig, mergeConfigs, noConfig, readTransformerConfig } from './transformer-config.ts';

const place = { file: 'kustomization.yaml' };

describe('the default configuration', () => {
  it('has the fields of kustomize 5.5', () => {
    const config = defaultConfig('5.5');
    expect(config.commonLabels).toHaveLength(32);
    expect(config.templateLabels).toHaveLength(10);
    expect(config.varReference).toHaveLength(72);
    expect(config.images).toHaveLength(4);
    expect(config.volumeClaimTemplateLabels).toHaveLength(0);
    expect(config.nameReference).toHaveLength(16);
    expect(config.nameReference.flatMap(({ fieldSpecs }) => fieldSpecs)).toHaveLength(167);
  });

  it('has the images of volumes and the labels of claims by themselves in 5.8', () => {
    const config = defaultConfig('5.8');
    expect(config.images).toHaveLength(7);
    expect(config.templateLabels).toHaveLength(9);
    expect(config.volumeClaimTemplateLabels).toHaveLength(1);
    expect(config.commonLabels).toHaveLength(32);
  });

  it('goes through the kinds that are named in a fixed order', () => {
    const kinds = defaultConfig('5.5').nameReference.map(({ kind }) => kind);
    expect(kinds.slice(0, 6)).toEqual([
      'StorageClass',
      'ServiceAccount',
      'Role',
      'ClusterRole',
      'ConfigMap',
      'Secret',
    ]);
  });

  it('stays the same object when it is merged with itself or with nothing', () => {
    const config = defaultConfig('5.5');
    expect(mergeConfigs(config, config, place)).toBe(config);
    expect(mergeConfigs(config, noConfig, place)).toBe(config);
    expect(mergeConfigs(noConfig, config, place)).toBe(config);
  });
});

describe('merged configurations', () => {
  const labels = (...specs: ReturnType<typeof fieldSpec>[]): typeof noConfig => ({
    ...noConfig,
    commonLabels: specs,
  });

  it('leave out a spec for any kind when there is one for some kind at the same path', () => {
    const merged = mergeConfigs(
      labels(fieldSpec('spec/labels', 'Widget')),
      labels(fieldSpec('spec/labels')),
      place,
    );
    expect(merged.commonLabels).toEqual([fieldSpec('spec/labels', 'Widget')]);
  });

  it('keep a spec for some kind beside one for any kind', () => {
    const merged = mergeConfigs(
      labels(fieldSpec('spec/labels')),
      labels(fieldSpec('spec/labels', 'Widget')),
      place,
    );
    expect(merged.commonLabels).toHaveLength(2);
  });

  it('are refused when two specs differ in create', () => {
    const merge = (): unknown =>
      mergeConfigs(
        labels(fieldSpec('a/b', 'Widget', true)),
        labels(fieldSpec('a/b', 'Widget', false)),
        place,
      );
    expect(refusalOf(merge)).toBe('two field specs for a/b of Widget disagree about create');
  });

  it('add fields to a kind that is named already', () => {
    const base = defaultConfig('5.5');
    const added = {
      ...noConfig,
      nameReference: [
        { group: '', version: 'v1', kind: 'Secret', fieldSpecs: [fieldSpec('spec/key', 'Widget')] },
      ],
    };
    const merged = mergeConfigs(base, added, place);
    expect(merged.nameReference).toHaveLength(16);
    expect(merged.nameReference.find(({ kind }) => kind === 'Secret')?.fieldSpecs.at(-1)?.path).toBe(
      'spec/key',
    );
  });
});

describe('a file of configurations', () => {
  it('is read with what it leaves out filled in', () => {
    const text = 'namePrefix:\n- path: spec/name\n  kind: Widget\n  create: true\n';
    expect(readTransformerConfig(text, 'config.yaml', '5.5').namePrefix).toEqual([
      fieldSpec('spec/name', 'Widget', true),
    ]);
  });

  it('is refused with an unknown field', () => {
    const read = (): unknown => readTransformerConfig('namePrefixes: []\n', 'config.yaml', '5.5');
    expect(refusalOf(read)).toBe('unknown field namePrefixes');
  });

  it('may speak of volume claims in 5.8 only', () => {
    const text = 'volumeClaimTemplateLabels:\n- path: spec/claims\n';
    expect(readTransformerConfig(text, 'config.yaml', '5.8').volumeClaimTemplateLabels).toHaveLength(1);
    expect(refusalOf(() => readTransformerConfig(text, 'config.yaml', '5.5'))).toBe(
      'unknown field volumeClaimTemplateLabels',
    );
  });

  it('is refused with a field that is there twice, unlike a kustomization', () => {
    const text = 'namePrefix:\n- path: a\nnamePrefix: []\n';
    expect(refusalOf(() => readTransformerConfig(text, 'config.yaml', '5.5'))).toContain('namePrefix');
  });

  it('may be empty', () => {
    expect(readTransformerConfig('# nothing\n', 'config.yaml', '5.5')).toBe(noConfig);
  });
});
