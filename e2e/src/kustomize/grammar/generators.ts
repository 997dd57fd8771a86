import type { Dice } from '../../kube/dice.ts';
import type { Scene } from './scene.ts';
import { names, namespaces, labelScalar } from './scalars.ts';
import { maybe, several } from './workloads.ts';
import type { YamlMap } from './yaml.ts';

const fileTexts = [
  'plain\n',
  'two\nlines',
  '',
  'tab\there\n',
  'trailing \nblank\n',
  'a: 1\nb: [x]\n',
  'ünï ☃\n',
  '\r\ncr\r\n',
];
const envTexts = [
  'A=1\nB=two words\n',
  '# note\n\nA=\n  C=x=y\n',
  '\ufeffA=1\n',
  'A="quoted"\n',
  "A='x'\r\n",
  'HOME_OF\nA=1',
];
const literals = ['a=1', 'a="x y"', "b='q'", 'c=', 'd=x=y', 'e= lead', 'flag=true', 'f="half', 'g=ünï'];

function sources(scene: Scene): YamlMap {
  const { dice, file } = scene;
  return {
    ...maybe(dice, 0.7, () => ({
      literals: distinct(dice, literals, (text) => text.split('=')[0]).map((text) => JSON.stringify(text)),
    })),
    ...maybe(dice, 0.4, () => ({
      files: distinct(dice, ['key.0=', 'key.1=', '', 'key.2=']).map(
        (key) => `${key}${file('data', dice.pick(fileTexts))}`,
      ),
    })),
    ...maybe(dice, 0.25, () => ({ envs: several(dice, 2, () => file('vars', dice.pick(envTexts))) })),
    ...maybe(dice, 0.05, () => ({ env: file('vars', dice.pick(envTexts)) })),
  };
}

/** One to three of the items, seldom two with the same key. */
function distinct(
  dice: Dice,
  items: readonly string[],
  keyOf = (item: string): string | undefined => item,
): readonly string[] {
  const chosen = several(dice, 3, () => dice.pick(items));
  const keys = chosen.map(keyOf);
  return dice.chance(0.03) ? chosen : chosen.filter((_, at) => keys.indexOf(keys[at]) === at);
}

function options(dice: Dice): YamlMap {
  return {
    ...maybe(dice, 0.4, () => ({ disableNameSuffixHash: dice.pick(['true', 'false']) })),
    ...maybe(dice, 0.3, () => ({ labels: { made: labelScalar(dice) } })),
    ...maybe(dice, 0.3, () => ({ annotations: { made: labelScalar(dice) } })),
    ...maybe(dice, 0.2, () => ({ immutable: 'true' })),
  };
}

/** A new name, or that of an object there is, with what to do about it. */
function identity({ dice, objects, file }: Scene, kind: string): YamlMap {
  const known = objects.filter((object) => object.kind === kind).map(({ name }) => name);
  if (known.length > 0 && dice.chance(0.5))
    return { name: dice.pick(known), behavior: dice.pick(['merge', 'replace']) };
  if (dice.chance(0.05))
    return { name: dice.pick(names), behavior: dice.pick(['create', 'merge', 'replace']) };
  return { name: `made-${file('data', '').replace(/\D+/g, '')}` };
}

function generator(scene: Scene, kind: string): YamlMap {
  const { dice } = scene;
  return {
    ...identity(scene, kind),
    ...maybe(dice, 0.1, () => ({ namespace: dice.pick(namespaces) })),
    ...sources(scene),
    ...maybe(dice, 0.25, () => ({ options: options(dice) })),
  };
}

/** Fields that generate ConfigMaps and Secrets. */
export function generators(scene: Scene): YamlMap {
  const { dice } = scene;
  return {
    ...maybe(dice, 0.7, () => ({
      configMapGenerator: several(dice, 2, () => generator(scene, 'ConfigMap')),
    })),
    ...maybe(dice, 0.5, () => ({
      secretGenerator: several(dice, 2, () => ({
        ...generator(scene, 'Secret'),
        ...maybe(dice, 0.2, () => ({ type: 'kubernetes.io/tls' })),
      })),
    })),
    ...maybe(dice, 0.2, () => ({ generatorOptions: options(dice) })),
  };
}
