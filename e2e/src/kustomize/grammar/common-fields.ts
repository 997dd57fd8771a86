import type { Dice } from '../../kube/dice.ts';
import { textsUnder, type Scene } from './scene.ts';
import { labelScalar, names, namespaces, oddScalar } from './scalars.ts';
import { maybe, several } from './workloads.ts';
import type { YamlMap } from './yaml.ts';

/** One to three labels or annotations; a value that is no plain text is seldom. */
export function pairs(dice: Dice): YamlMap {
  const keys = ['team', 'app', 'tier', 'a.example/b', 'note'];
  return Object.fromEntries(several(dice, 3, () => [dice.pick(keys), labelScalar(dice)]));
}

const kinds = ['Thing', 'Service', 'Deployment', 'ConfigMap', 'StatefulSet', 'CronJob'];
const labelPaths = [
  'metadata/labels',
  'spec/extra/labels',
  'spec/template/metadata/labels',
  'spec/selector',
  'spec/list[]/labels',
  'spec/list/labels',
  'metadata/annotations',
];

/** A place that a transformer writes to. */
export function fieldSpec(dice: Dice, paths: readonly string[]): YamlMap {
  return {
    path: dice.pick(paths),
    ...maybe(dice, 0.5, () => ({ kind: dice.pick(kinds) })),
    ...maybe(dice, 0.15, () => ({ group: dice.pick(['apps', 'example.com', 'batch']) })),
    ...maybe(dice, 0.15, () => ({ version: dice.pick(['v1', 'v2']) })),
    ...maybe(dice, 0.6, () => ({ create: dice.pick(['true', 'true', 'false']) })),
  };
}

/** An entry of `images`: an image that is there, or one whose name is near it. */
export function image({ dice, objects }: Scene): YamlMap {
  const there = textsUnder(dice.pick(objects).fields, 'image').map((text) =>
    text.replace(/@.*$/, '').replace(/:[^/:]*$/, ''),
  );
  const known = ['nginx', 'redis', 'web', 'registry.example:5000/team/web', 'ngin.', 'busybox'];
  return {
    name: dice.pick(there.length > 0 && dice.chance(0.7) ? there.map((text) => JSON.stringify(text)) : known),
    ...maybe(dice, 0.5, () => ({
      newName: dice.pick(['mirror.example/nginx', 'new', 'r.example:5000/a/b']),
    })),
    ...maybe(dice, 0.5, () => ({
      newTag: dice.pick(['v2', '"1.0"', "'0777'", '"true"', dice.chance(0.05) ? '2.0' : 'latest']),
    })),
    ...maybe(dice, 0.2, () => ({ digest: '"sha256:ddee"' })),
    ...maybe(dice, 0.1, () => ({ tagSuffix: '-alpine' })),
  };
}

/** An entry of `replicas`, most often for an object that has some. */
export function replica({ dice, objects }: Scene): YamlMap {
  const counted = objects.filter(({ kind }) => /^(?:Deployment|StatefulSet)$/.test(kind));
  const { name } = dice.pick(counted.length > 0 && dice.chance(0.95) ? counted : objects);
  return { name: JSON.stringify(name), count: dice.pick(['0', '3', '1000000', '0x10']) };
}

function labelEntry({ dice, profile }: Scene): YamlMap {
  return {
    pairs: pairs(dice),
    ...maybe(dice, 0.4, () => ({ includeSelectors: dice.pick(['true', 'false']) })),
    ...maybe(dice, 0.4, () => ({ includeTemplates: 'true' })),
    ...maybe(dice, profile === '5.8' ? 0.2 : 0.01, () => ({ includeVolumeClaimTemplates: 'true' })),
    ...maybe(dice, 0.25, () => ({ fields: several(dice, 2, () => fieldSpec(dice, labelPaths)) })),
  };
}

/** Fields that change names, namespaces, labels, images and counts. */
export const commonFields: readonly ((scene: Scene) => YamlMap)[] = [
  ({ dice }) => ({ namePrefix: dice.pick(['pre-', 'dev-', '"1-"', 'a.b-']) }),
  ({ dice }) => ({ nameSuffix: dice.pick(['-suf', '-v1', '"-0"']) }),
  ({ dice }) => ({ namespace: dice.pick([...namespaces, '"123"', '"true"']) }),
  (scene) => ({ labels: several(scene.dice, 2, () => labelEntry(scene)) }),
  ({ dice }) => ({ commonLabels: pairs(dice) }),
  ({ dice }) => ({ commonAnnotations: dice.chance(0.2) ? { more: oddScalar(dice) } : pairs(dice) }),
  (scene) => ({
    [scene.dice.chance(0.93) ? 'images' : 'imageTags']: several(scene.dice, 2, () => image(scene)),
  }),
  (scene) => ({ replicas: several(scene.dice, 2, () => replica(scene)) }),
  ({ dice }) => ({
    buildMetadata: several(dice, 3, () =>
      dice.pick(['originAnnotations', 'transformerAnnotations', 'managedByLabel']),
    ),
  }),
  ({ dice }) => ({
    sortOptions: {
      order: dice.pick(['legacy', 'legacy', 'fifo']),
      ...maybe(dice, 0.4, () => ({
        legacySortOptions: {
          orderFirst: several(dice, 3, () => dice.pick([...kinds, 'Namespace', 'Secret'])),
          orderLast: several(dice, 2, () => dice.pick(['Job', 'Role', ...names])),
        },
      })),
    },
  }),
];
