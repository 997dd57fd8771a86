import type { Dice } from '../../kube/dice.ts';
import { generators } from './generators.ts';
import { olderPatches, patchEntry, type PatchScene } from './patches.ts';
import { replacements, vars } from './replacements.ts';
import { labelScalar, names, namespaces } from './scalars.ts';
import { maybe, several } from './workloads.ts';
import { textScalar, yamlText, type YamlMap } from './yaml.ts';

type Field = (scene: PatchScene) => YamlMap;

const pairs = (dice: Dice): YamlMap => ({
  [dice.pick(['team', 'app', 'tier', 'a.example/b'])]: labelScalar(dice),
});

const image = (dice: Dice): YamlMap => ({
  name: dice.pick(['nginx', 'redis', 'web', 'registry.example:5000/team/web', 'ngin.', 'busybox']),
  ...maybe(dice, 0.5, () => ({ newName: dice.pick(['mirror.example/nginx', 'new']) })),
  ...maybe(dice, 0.5, () => ({
    newTag: dice.pick(['v2', '"1.0"', "'0777'", dice.chance(0.1) ? '2.0' : 'latest']),
  })),
  ...maybe(dice, 0.2, () => ({ digest: '"sha256:ddee"' })),
  ...maybe(dice, 0.1, () => ({ tagSuffix: '-alpine' })),
});

const labels: Field = ({ dice }) => ({
  labels: several(dice, 2, () => ({
    pairs: pairs(dice),
    ...maybe(dice, 0.4, () => ({ includeSelectors: dice.pick(['true', 'false']) })),
    ...maybe(dice, 0.4, () => ({ includeTemplates: 'true' })),
    ...maybe(dice, 0.15, () => ({
      fields: [
        {
          path: 'spec/extra/labels',
          create: dice.pick(['true', 'false']),
          kind: dice.pick(['Thing', 'Service']),
        },
      ],
    })),
  })),
});

const plugins: { readonly [kind: string]: (dice: Dice) => YamlMap } = {
  PrefixTransformer: (dice) => ({
    prefix: 't-',
    fieldSpecs: [{ path: dice.pick(['metadata/name', 'spec/serviceName']) }],
  }),
  SuffixTransformer: () => ({ suffix: '-t', fieldSpecs: [{ path: 'metadata/name' }] }),
  LabelTransformer: (dice) => ({
    labels: pairs(dice),
    fieldSpecs: [
      {
        path: dice.pick(['metadata/labels', 'spec/template/metadata/labels', 'spec/list/labels']),
        create: dice.pick(['true', 'false']),
      },
    ],
  }),
  AnnotationsTransformer: (dice) => ({
    annotations: pairs(dice),
    fieldSpecs: [{ path: 'metadata/annotations', create: 'true' }],
  }),
  NamespaceTransformer: (dice) => ({
    metadata: { name: 'plugin', namespace: dice.pick(namespaces) },
    ...maybe(dice, 0.5, () => ({ unsetOnly: 'true' })),
    ...maybe(dice, 0.5, () => ({
      setRoleBindingSubjects: dice.pick(['none', 'allServiceAccounts', 'defaultOnly']),
    })),
    fieldSpecs: [{ path: 'metadata/namespace', create: 'true' }],
  }),
  ImageTagTransformer: (dice) => ({
    imageTag: image(dice),
    fieldSpecs: [{ path: 'spec/template/spec/containers[]/image' }],
  }),
  ReplicaCountTransformer: (dice) => ({
    replica: { name: dice.pick(names), count: '4' },
    fieldSpecs: [{ path: 'spec/replicas', create: 'true', kind: 'Deployment' }],
  }),
  ConfigMapGenerator: () => ({ literals: ['a=b'] }),
};

const transformers: Field = ({ dice, file }) => {
  const kind = dice.pick(Object.keys(plugins));
  const text = yamlText(
    { apiVersion: 'builtin', kind, metadata: { name: 'plugin' }, ...plugins[kind]?.(dice) },
    dice,
  );
  const field = kind === 'ConfigMapGenerator' ? 'generators' : 'transformers';
  return { [field]: [dice.chance(0.5) ? file('plugin', text) : textScalar(text, dice)] };
};

const configurations: Field = ({ dice, file }) => {
  const config: YamlMap = {
    ...maybe(dice, 0.4, () => ({
      nameReference: [
        {
          kind: 'ConfigMap',
          version: 'v1',
          fieldSpecs: [{ path: 'spec/deep/text', kind: 'Thing' }, { path: 'spec/list/value' }],
        },
      ],
    })),
    ...maybe(dice, 0.4, () => ({
      commonLabels: [{ path: 'spec/extra/labels', create: 'true', kind: 'Thing' }],
    })),
    ...maybe(dice, 0.4, () => ({ images: [{ path: 'spec/list/value', kind: 'Thing' }] })),
    ...maybe(dice, 0.3, () => ({
      namePrefix: [{ path: 'metadata/name' }, { path: 'spec/deep/text', kind: 'Thing' }],
    })),
    ...maybe(dice, 0.3, () => ({
      varReference: [
        { path: 'spec/deep/text', kind: 'Thing' },
        { path: 'data', kind: 'ConfigMap' },
      ],
    })),
    ...maybe(dice, 0.3, () => ({ replicas: [{ path: 'spec/replicas', create: 'true', kind: 'Server' }] })),
  };
  return { configurations: [file('config', yamlText(config, dice))] };
};

const replicas: Field = ({ dice, objects }) => {
  const counted = objects.filter(({ kind }) => /^(?:Deployment|StatefulSet)$/.test(kind));
  const { name } = dice.pick(counted.length > 0 && dice.chance(0.95) ? counted : objects);
  return counted.length === 0 && dice.chance(0.9)
    ? {}
    : { replicas: [{ name, count: dice.pick(['0', '3']) }] };
};

const fields: readonly Field[] = [
  ({ dice }) => ({ namePrefix: dice.pick(['pre-', 'dev-', '"1-"']) }),
  ({ dice }) => ({ nameSuffix: dice.pick(['-suf', '-v1']) }),
  ({ dice }) => ({ namespace: dice.pick(namespaces) }),
  labels,
  ({ dice }) => ({ commonLabels: pairs(dice) }),
  ({ dice }) => ({ commonAnnotations: { ...pairs(dice), more: labelScalar(dice) } }),
  ({ dice }) => ({ images: several(dice, 2, () => image(dice)) }),
  replicas,
  (scene) => ({ patches: several(scene.dice, 3, () => patchEntry(scene)) }),
  (scene) => ({ patches: several(scene.dice, 2, () => patchEntry(scene)) }),
  olderPatches,
  generators,
  generators,
  replacements,
  vars,
  transformers,
  configurations,
  ({ dice }) => ({
    buildMetadata: [dice.pick(['originAnnotations', 'transformerAnnotations', 'managedByLabel'])],
  }),
  ({ dice }) => ({ sortOptions: { order: dice.pick(['legacy', 'fifo']) } }),
];

/** One to four fields of a kustomization, with the files that they name. */
export function someFields(scene: PatchScene): YamlMap {
  const chosen = several(scene.dice, 3, () => scene.dice.pick(fields)(scene));
  return Object.assign({}, ...chosen) as YamlMap;
}
