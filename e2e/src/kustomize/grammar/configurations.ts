import type { Dice } from '../../kube/dice.ts';
import { fieldSpec } from './common-fields.ts';
import type { Scene } from './scene.ts';
import { maybe, several } from './workloads.ts';
import { yamlText, type YamlMap } from './yaml.ts';

const textPaths = [
  'spec/deep/text',
  'spec/list/value',
  'metadata/annotations/note',
  'data/k0',
  'spec/serviceName',
];
const mapPaths = ['spec/extra/labels', 'spec/deep', 'metadata/annotations', 'spec/template/metadata/labels'];
const parts: { readonly [part: string]: readonly string[] } = {
  namePrefix: ['metadata/name', ...textPaths],
  nameSuffix: ['metadata/name', ...textPaths],
  namespace: ['spec/deep/namespace', 'spec/namespace', 'metadata/annotations/namespace'],
  commonLabels: mapPaths,
  labels: mapPaths,
  templateLabels: mapPaths,
  commonAnnotations: mapPaths,
  images: ['spec/list/value', 'spec/list[]/value', 'spec/deep/text'],
  replicas: ['spec/replicas', 'spec/deep/count'],
  varReference: [...textPaths, 'data', 'spec/deep'],
};

function references(dice: Dice): YamlMap {
  return {
    kind: dice.pick(['ConfigMap', 'Secret', 'Service', 'Deployment', 'Thing', 'Server']),
    ...maybe(dice, 0.4, () => ({ version: 'v1' })),
    ...maybe(dice, 0.15, () => ({ group: dice.pick(['apps', 'example.com']) })),
    fieldSpecs: several(dice, 2, () => fieldSpec(dice, textPaths)),
  };
}

function configurationFile(dice: Dice): YamlMap {
  const chosen = Object.entries(parts).filter(() => dice.chance(0.25));
  return {
    ...Object.fromEntries(
      chosen.map(([part, paths]) => [part, several(dice, 2, () => fieldSpec(dice, paths))]),
    ),
    ...maybe(dice, 0.5, () => ({ nameReference: several(dice, 2, () => references(dice)) })),
  };
}

/** Definitions of a kind as `crds` wants them: marks say where labels, annotations and names of objects stand. */
function crdFile(dice: Dice): YamlMap {
  const marks: YamlMap = {
    ...maybe(dice, 0.4, () => ({ 'x-kubernetes-label-selector': '""' })),
    ...maybe(dice, 0.3, () => ({ 'x-kubernetes-annotation': '""' })),
    ...maybe(dice, 0.3, () => ({ 'x-kubernetes-identity': '""' })),
    ...maybe(dice, 0.4, () => ({
      'x-kubernetes-object-ref-api-version': 'v1',
      'x-kubernetes-object-ref-kind': dice.pick(['ConfigMap', 'Secret', 'Service']),
      ...maybe(dice, 0.4, () => ({ 'x-kubernetes-object-ref-name-key': 'name' })),
    })),
  };
  const text = { type: 'string' };
  return {
    'example.com/v1.Thing': {
      Schema: {
        properties: {
          apiVersion: text,
          kind: text,
          metadata: { $ref: '"meta"' },
          spec: { $ref: '"example.com/v1.ThingSpec"' },
        },
      },
      Dependencies: [],
    },
    'example.com/v1.ThingSpec': {
      Schema: { properties: { [dice.pick(['deep', 'list', 'ref'])]: { type: 'object', ...marks } } },
    },
  };
}

/** A schema of Thing and Server that says how their lists merge. */
function schemaFile(dice: Dice): YamlMap {
  const merged: YamlMap = {
    type: 'array',
    ...maybe(dice, 0.8, () => ({ 'x-kubernetes-patch-merge-key': 'name' })),
    ...maybe(dice, 0.8, () => ({
      'x-kubernetes-patch-strategy': dice.pick(['merge', '"merge,retainKeys"']),
    })),
    ...maybe(dice, 0.2, () => ({ 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-list-type': 'map' })),
    items: { type: 'object', properties: { name: { type: 'string' } } },
  };
  const kindOf = (kind: string, properties: YamlMap): YamlMap => ({
    type: 'object',
    properties: { spec: { type: 'object', properties } },
    'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind }],
  });
  return {
    definitions: {
      'v1.Thing': kindOf('Thing', { list: merged }),
      ...maybe(dice, 0.5, () => ({ 'v1.Server': kindOf('Server', { items: merged }) })),
    },
  };
}

/** Fields that say how transformers and merges work. */
export const configurationFields: readonly ((scene: Scene) => YamlMap)[] = [
  ({ dice, file }) => ({
    configurations: several(dice, 2, () => file('config', yamlText(configurationFile(dice), dice))),
  }),
  ({ dice, file }) => ({ crds: [file('crd', yamlText(crdFile(dice), dice))] }),
  ({ dice, file }) => ({
    openapi: dice.chance(0.3)
      ? { version: dice.chance(0.9) ? 'v1.21.2' : 'v1.20.4' }
      : { path: file('schema', yamlText(schemaFile(dice), dice)) },
  }),
];
