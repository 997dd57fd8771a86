import type { Dice } from '../../kube/dice.ts';
import { fieldSpec, image, pairs, replica } from './common-fields.ts';
import { patchEntry } from './patches.ts';
import { replacement } from './replacements.ts';
import type { Scene } from './scene.ts';
import { namespaces, oddScalar } from './scalars.ts';
import { selector } from './selectors.ts';
import { maybe, several } from './workloads.ts';
import { textScalar, yamlText, type YamlMap } from './yaml.ts';

const namePaths = ['metadata/name', 'spec/serviceName', 'metadata/labels/app', 'spec/deep/text'];
const labelPaths = ['metadata/labels', 'spec/template/metadata/labels', 'spec/list[]/labels', 'spec/deep'];
const specs = (dice: Dice, paths: readonly string[]): YamlMap => ({
  fieldSpecs: several(dice, 2, () => fieldSpec(dice, paths)),
});

const transformers: { readonly [kind: string]: (scene: Scene) => YamlMap } = {
  PrefixTransformer: ({ dice }) => ({ prefix: dice.pick(['t-', '5', '"0x"']), ...specs(dice, namePaths) }),
  SuffixTransformer: ({ dice }) => ({ suffix: '-t', ...specs(dice, namePaths) }),
  PrefixSuffixTransformer: ({ dice }) => ({ prefix: 'a-', suffix: '-z', ...specs(dice, namePaths) }),
  LabelTransformer: ({ dice }) => ({ labels: pairs(dice), ...specs(dice, labelPaths) }),
  AnnotationsTransformer: ({ dice }) => ({
    annotations: pairs(dice),
    ...specs(dice, ['metadata/annotations', 'spec/template/metadata/annotations', 'spec/deep']),
  }),
  NamespaceTransformer: ({ dice }) => ({
    metadata: { name: 'plugin', namespace: dice.pick(namespaces) },
    ...maybe(dice, 0.5, () => ({ unsetOnly: 'true' })),
    ...maybe(dice, 0.5, () => ({
      setRoleBindingSubjects: dice.pick(['none', 'allServiceAccounts', 'defaultOnly']),
    })),
    ...maybe(dice, 0.8, () =>
      specs(dice, ['metadata/namespace', 'metadata/namespace', 'spec/deep/namespace', 'subjects/namespace']),
    ),
  }),
  ImageTagTransformer: (scene) => ({
    imageTag: image(scene),
    ...specs(scene.dice, ['spec/template/spec/containers[]/image', 'spec/list[]/value', 'spec/deep/text']),
  }),
  ReplicaCountTransformer: (scene) => ({
    replica: replica(scene),
    ...specs(scene.dice, ['spec/replicas', 'spec/list[]/count']),
  }),
  PatchTransformer: patchEntry,
  ReplacementTransformer: (scene) => ({ replacements: several(scene.dice, 2, () => replacement(scene)) }),
  PatchJson6902Transformer: ({ dice, objects }) => {
    const { kind, name } = dice.pick(objects);
    return {
      target: { kind, name },
      jsonOp: textScalar(`[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]`, dice),
    };
  },
  PatchStrategicMergeTransformer: ({ dice, objects }) => {
    const { apiVersion, kind, name } = dice.pick(objects);
    const patch = { apiVersion, kind, metadata: { name, annotations: { more: oddScalar(dice) } } };
    return { patches: textScalar(yamlText(patch, dice), dice) };
  },
  ValueAddTransformer: ({ dice, objects }) => ({
    value: oddScalar(dice),
    targets: several(dice, 2, () => ({
      ...maybe(dice, 0.8, () => ({ selector: selector(dice, dice.pick(objects)) })),
      fieldPath: dice.pick(['metadata/namespace', 'spec/deep/text', 'spec/template/spec/containers[]/image']),
      ...maybe(dice, 0.3, () => ({ filePathPosition: dice.pick(['0', '1', '2']) })),
    })),
  }),
  HashTransformer: () => ({}),
};

const generators: { readonly [kind: string]: (scene: Scene) => YamlMap } = {
  ConfigMapGenerator: ({ dice, file }) => ({
    literals: ['a=b', `c=${dice.pick(['1', 'true', 'x y'])}`],
    ...maybe(dice, 0.3, () => ({ files: [file('data', 'text\n')] })),
    ...maybe(dice, 0.3, () => ({ options: { disableNameSuffixHash: 'true', labels: pairs(dice) } })),
  }),
  SecretGenerator: ({ dice }) => ({ literals: ['a=b'], ...maybe(dice, 0.5, () => ({ type: 'Opaque' })) }),
  IAMPolicyGenerator: ({ dice }) => ({
    cloud: 'gke',
    kubernetesService: { name: 'ksa', ...maybe(dice, 0.5, () => ({ namespace: 'prod' })) },
    serviceAccount: { name: dice.pick(['gsa', '"0777"', '"a: b"', "'@at'"]), projectId: 'p-1' },
  }),
};

function config(scene: Scene, makers: typeof transformers): YamlMap {
  const { dice, file } = scene;
  const kind = dice.pick(Object.keys(makers));
  const name = `plugin-${file('data', '').replace(/\D+/g, '')}`;
  return { apiVersion: 'builtin', kind, metadata: { name }, ...makers[kind]?.(scene) };
}

/** One or two plugins: written out in the kustomization, or in a file that holds one or both. */
function listed(scene: Scene, makers: typeof transformers): readonly string[] {
  const { dice, file } = scene;
  const texts = several(dice, 2, () => yamlText(config(scene, makers), dice));
  if (dice.chance(0.2)) return [file('plugins', texts.join('---\n'))];
  return texts.map((text) => (dice.chance(0.5) ? file('plugin', text) : textScalar(text, dice)));
}

/** The fields of plugins that are built in. */
export const pluginFields: readonly ((scene: Scene) => YamlMap)[] = [
  (scene) => ({ transformers: listed(scene, transformers) }),
  (scene) => ({ generators: listed(scene, generators) }),
  (scene) => ({
    validators: listed(scene, {
      LabelTransformer: () => ({ labels: { app: 'web' }, fieldSpecs: [{ path: 'metadata/none' }] }),
    }),
  }),
];
