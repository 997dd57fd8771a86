import type { Dice } from '../../kube/dice.ts';
import { someWay, type Scene, type SeenObject } from './scene.ts';
import { selector, wholeKind } from './selectors.ts';
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

/** The path of a replacement to something that an object has, or to what is often there. */
function pathIn(dice: Dice, { fields }: SeenObject, often: readonly string[]): string {
  const way = someWay(dice, fields);
  if (way.length === 0 || dice.chance(0.4)) return JSON.stringify(dice.pick(often));
  const steps = way.map((step, at) => {
    if (typeof step === 'number') return dice.chance(0.2) ? '*' : String(step);
    if (!step.includes('.')) return step;
    return at > 0 && dice.chance(0.5) ? `[${step}]` : step.replaceAll('.', '\\.');
  });
  return JSON.stringify(steps.join('.'));
}

function target({ dice, objects }: Scene, profile: Scene['profile']): YamlMap {
  const object = dice.pick(objects);
  return {
    select: selector(dice, object),
    ...maybe(dice, 0.2, () => ({ reject: [selector(dice, dice.pick(objects))] })),
    ...maybe(dice, 0.97, () => ({
      fieldPaths: several(dice, 2, () =>
        profile === '5.8' && dice.chance(0.1)
          ? JSON.stringify(`data.${dice.pick(['k0.a', 'k1.[name=x].b', 'k2.0'])}`)
          : pathIn(dice, object, writePaths),
      ),
    })),
    ...ways(dice, 0.7),
  };
}

/** A replacement: a value of an object, or since 5.7 a text, and where it goes. */
export function replacement(scene: Scene): YamlMap {
  const { dice, objects, profile } = scene;
  const object = dice.pick(objects);
  const targets = several(dice, 2, () => target(scene, profile));
  if (dice.chance(profile === '5.8' ? 0.15 : 0.01))
    return {
      sourceValue: dice.chance(0.8) ? JSON.stringify(dice.pick(['a', 'x-y', '5', ''])) : oddScalar(dice),
      targets,
    };
  return {
    source: {
      ...(dice.chance(0.5) ? wholeKind(object) : { kind: object.kind }),
      ...maybe(dice, 0.9, () => ({ name: JSON.stringify(object.name) })),
      ...(object.namespace !== undefined && dice.chance(0.4) ? { namespace: object.namespace } : {}),
      ...maybe(dice, 0.9, () => ({ fieldPath: pathIn(dice, object, readPaths) })),
      ...ways(dice, 0.1),
    },
    targets,
  };
}

/** The field `replacements`, its entries in place or in a file. */
export function replacements(scene: Scene): YamlMap {
  const made = several(scene.dice, 2, () => replacement(scene));
  if (scene.dice.chance(0.8)) return { replacements: made };
  return {
    replacements: [{ path: scene.file('replacement', yamlText(made, scene.dice).replace(/^\n+/, '')) }],
  };
}

/** The field `vars`: values of objects under names that some odd scalars mention. */
export function vars({ dice, objects }: Scene): YamlMap {
  const scopedName = (at: number): string =>
    dice.pick(at === 0 ? ['NAME', 'NAME_2', 'NAME_3'] : ['OTHER', 'OTHER_2']);
  const objref = ({ kind, apiVersion, name }: SeenObject): YamlMap => ({
    kind,
    apiVersion,
    name: JSON.stringify(name),
  });
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
