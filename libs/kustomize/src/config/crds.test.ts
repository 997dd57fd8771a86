import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/objects.ts';
import { configFromCrds } from './crds.ts';
import { fieldSpec } from './field-spec.ts';

const definitions = {
  'example.com/v1.Widget': {
    Schema: {
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        notes: { 'x-kubernetes-annotation': '' },
        spec: { $ref: 'example.com/v1.WidgetSpec' },
      },
    },
  },
  'example.com/v1.WidgetSpec': {
    Schema: {
      properties: {
        selector: { 'x-kubernetes-label-selector': '' },
        title: { 'x-kubernetes-identity': '' },
        key: {
          'x-kubernetes-object-ref-api-version': 'v1',
          'x-kubernetes-object-ref-kind': 'Secret',
          'x-kubernetes-object-ref-name-key': 'id',
        },
        half: { 'x-kubernetes-object-ref-kind': 'Secret' },
      },
    },
  },
};

describe('definitions of custom resources', () => {
  it('say where names, labels and annotations are, through references to other definitions', () => {
    const config = configFromCrds(JSON.stringify(definitions), 'crds.json');
    expect(config.commonAnnotations).toEqual([fieldSpec('notes', 'Widget')]);
    expect(config.commonLabels).toEqual([fieldSpec('spec/selector', 'Widget')]);
    expect(config.namePrefix).toEqual([fieldSpec('spec/title', 'Widget')]);
    expect(config.nameReference).toEqual([
      { group: '', version: 'v1', kind: 'Secret', fieldSpecs: [fieldSpec('spec/key/id', 'Widget')] },
    ]);
  });

  it('are refused when they refer to themselves without end', () => {
    const cycle = {
      'a.B': {
        Schema: { properties: { apiVersion: {}, kind: {}, metadata: {}, next: { $ref: 'a.B' } } },
      },
    };
    expect(refusalOf(() => configFromCrds(JSON.stringify(cycle), 'crds.json'))).toBe(
      'the definition a.B refers to itself',
    );
  });

  it('are refused when the file is empty', () => {
    expect(refusalOf(() => configFromCrds('', 'crds.json'))).toBe('the file is empty');
  });
});
