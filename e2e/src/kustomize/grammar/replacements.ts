import type { Dice } from '../../kube/dice.ts';
import type { MadeObject } from './objects.ts';
import type { PatchScene } from './patches.ts';
import { names, oddScalar } from './scalars.ts';
import { maybe, several } from './workloads.ts';
import { yamlText, type YamlMap } from './yaml.ts';

const readPaths = [
  'metadata.name',
  'metadata.name',
  'metadata.namespace',
  'metadata.labels.app',
  'spec.replicas',
  'data.k0',
  'spec.template.spec.containers.0.image',
  'spec.template.spec.containers.[name=server].image',
  'spec.template.metadata.labels',
  'metadata.annotations.note',
  'spec.deep',
  'spec.ports.0.port',
];
const writePaths = [
  'metadata.annotations.note',
  'metadata.annotations.[a.example/b]',
  'metadata.labels.copied',
  'spec.template.spec.containers.[name=server].image',
  'spec.template.spec.containers.*.image',
  'spec.template.spec.containers.0.env.0.value',
  'spec.template.spec.containers.[name=s].env.[name=MODE].value',
  'spec.template.spec.containers.1.name',
  'spec.template.spec.volumes.0.configMap.name',
  'spec.rules.*.host',
  'data.k0',
  'data.new',
  'spec.list.[name=n0].value',
  'spec.list.1',
  'spec.replicas',
  'spec.new.deep.path',
  'spec.template.metadata.annotations.a\\.b/c',
  'subjects.[kind=ServiceAccount].name',
];

function ways(dice: Dice, probability: number): YamlMap {
  return maybe(dice, probability, () => ({
    options: {
      ...maybe(dice, 0.8, () => ({ create: 'true' })),
      ...maybe(dice, 0.5, () => ({
        delimiter: dice.pick(['":"', '/', '"-"']),
        index: dice.pick(['0', '0', '1', '-1', '5']),
      })),
    },
  }));
}

function chosen(dice: Dice, { kind, name }: MadeObject): YamlMap {
  return { ...maybe(dice, 0.8, () => ({ kind })), ...maybe(dice, 0.6, () => ({ name })) };
}

function target({ dice, objects }: PatchScene): YamlMap {
  return {
    select: chosen(dice, dice.pick(objects)),
    ...maybe(dice, 0.2, () => ({ reject: [chosen(dice, dice.pick(objects))] })),
    ...maybe(dice, 0.97, () => ({ fieldPaths: several(dice, 2, () => dice.pick(writePaths)) })),
    ...ways(dice, 0.7),
  };
}

function replacement(scene: PatchScene): YamlMap {
  const { dice, objects } = scene;
  const { kind, name } = dice.pick(objects);
  if (dice.chance(0.05)) return { sourceValue: oddScalar(dice), targets: [target(scene)] };
  return {
    source: {
      kind,
      name,
      ...maybe(dice, 0.9, () => ({ fieldPath: dice.pick(readPaths) })),
      ...ways(dice, 0.1),
    },
    targets: several(dice, 2, () => target(scene)),
  };
}

/** The field `replacements`, its entries in place or in a file. */
export function replacements(scene: PatchScene): YamlMap {
  const made = several(scene.dice, 2, () => replacement(scene));
  if (scene.dice.chance(0.8)) return { replacements: made };
  return {
    replacements: [{ path: scene.file('replacement', yamlText(made, scene.dice).replace(/^\n+/, '')) }],
  };
}

/** The field `vars`: values of objects under names that some odd scalars mention. */
export function vars({ dice, objects }: PatchScene): YamlMap {
  const scopedName = (at: number): string =>
    dice.pick(at === 0 ? ['NAME', 'NAME_2', 'NAME_3'] : ['OTHER', 'OTHER_2']);
  const objref = ({ kind, apiVersion, name }: MadeObject): YamlMap => ({ kind, apiVersion, name });
  return {
    vars: several(dice, 2, (at) => ({
      name: scopedName(at),
      objref: dice.chance(0.95)
        ? objref(dice.pick(objects))
        : { kind: 'Service', apiVersion: 'v1', name: dice.pick(names) },
      ...maybe(dice, 0.6, () => ({ fieldref: { fieldpath: dice.pick(readPaths) } })),
    })),
  };
}
