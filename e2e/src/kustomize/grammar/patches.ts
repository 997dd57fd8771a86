import type { Dice } from '../../kube/dice.ts';
import { pointerOf, shapedPatch } from './shaped-patches.ts';
import { someWay, type Scene, type SeenObject } from './scene.ts';
import { labelScalar, names, namespaces, oddScalar, valueScalar } from './scalars.ts';
import { selector, wholeKind } from './selectors.ts';
import { container, maybe, port, several } from './workloads.ts';
import { textScalar, yamlText, type Yaml, type YamlMap } from './yaml.ts';

const directive = (dice: Dice): YamlMap =>
  maybe(dice, 0.12, () => ({ $patch: dice.pick(['delete', 'replace', 'merge']) }));

function item(dice: Dice, value: YamlMap): YamlMap {
  return { ...value, ...directive(dice) };
}

function podChange(dice: Dice): YamlMap {
  const spec: YamlMap = {
    ...maybe(dice, 0.7, () => ({
      containers: several(dice, 2, () => item(dice, container(dice, dice.below(4)))),
      ...maybe(dice, 0.05, () => ({ '$setElementOrder/containers': [{ name: 'side' }, { name: 'server' }] })),
    })),
    ...maybe(dice, 0.2, () => ({
      volumes: several(dice, 2, (at) =>
        item(dice, { name: `v${at}`, emptyDir: dice.pick<Yaml>([{}, 'null', { medium: 'Memory' }]) }),
      ),
    })),
    ...maybe(dice, 0.15, () => ({
      initContainers: dice.pick<Yaml>(['null', [], [{ name: 'init', image: 'busybox' }]]),
    })),
    ...maybe(dice, 0.15, () => ({ tolerations: [{ key: 'spot', operator: 'Exists' }] })),
    ...maybe(dice, 0.15, () => ({ serviceAccountName: dice.pick(['null', ...names]) })),
    ...maybe(dice, 0.15, () => ({
      topologySpreadConstraints: [
        item(dice, {
          topologyKey: 'zone',
          ...maybe(dice, 0.6, () => ({ whenUnsatisfiable: 'DoNotSchedule' })),
          maxSkew: '2',
        }),
      ],
    })),
    ...maybe(dice, 0.15, () => ({ imagePullSecrets: [item(dice, { name: dice.pick(names) })] })),
    ...maybe(dice, 0.08, () => ({ hostAliases: [item(dice, { ip: '127.0.0.1', hostnames: ['c'] })] })),
  };
  return { ...maybe(dice, 0.2, () => ({ metadata: { annotations: { note: valueScalar(dice) } } })), spec };
}

function changeOf(dice: Dice, { kind }: SeenObject): YamlMap {
  if (dice.chance(0.06)) return { $patch: dice.pick(['delete', 'replace', 'merge']) };
  switch (kind) {
    case 'ConfigMap':
    case 'Secret':
      return {
        data: { k0: oddScalar(dice), ...maybe(dice, 0.3, () => ({ k1: 'null' })), ...directive(dice) },
      };
    case 'Service':
      return {
        spec: {
          ports: several(dice, 2, (at) =>
            item(dice, {
              port: dice.pick(['80', `80${at}`]),
              ...maybe(dice, 0.6, () => ({ protocol: dice.pick(['TCP', 'UDP']) })),
              nodePort: '30000',
            }),
          ),
        },
      };
    case 'CronJob':
      return { spec: { jobTemplate: { spec: { template: podChange(dice) } } } };
    case 'Pod':
      return podChange(dice);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return { subjects: [{ kind: 'User', name: valueScalar(dice) }] };
    case 'Thing':
      return {
        spec: {
          list: dice.pick<Yaml>([
            [item(dice, { name: 'n0', value: '9' })],
            [{ $patch: 'replace' }, { name: 'z' }],
            'null',
          ]),
          deep: directive(dice),
        },
      };
    default:
      return {
        spec: {
          ...maybe(dice, 0.3, () => ({ replicas: dice.pick(['5', 'null', '"7"']) })),
          template: podChange(dice),
          ...directive(dice),
        },
      };
  }
}

/** A strategic merge patch for an object, sometimes under a name or namespace that does not fit. */
function mergePatch(dice: Dice, object: SeenObject): YamlMap {
  const namespace = dice.chance(0.95) ? object.namespace : dice.pick(namespaces);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name: dice.chance(0.97) ? JSON.stringify(object.name) : dice.pick(names),
      ...(namespace === undefined ? {} : { namespace }),
      ...maybe(dice, 0.3, () => ({
        labels: { patched: labelScalar(dice), ...maybe(dice, 0.3, () => ({ app: 'null' })) },
      })),
      ...maybe(dice, 0.2, () => ({
        annotations: dice.pick<Yaml>([
          'null',
          { note: oddScalar(dice) },
          { $patch: 'replace', only: 'this' },
        ]),
      })),
    },
    ...(dice.chance(0.4) ? shapedPatch(dice, object) : changeOf(dice, object)),
  };
}

const places = [
  '/metadata/labels/app',
  '/metadata/labels/new',
  '/metadata/annotations/a.example~1b',
  '/metadata/name',
  '/spec/replicas',
  '/spec/template/spec/containers/0/image',
  '/spec/template/spec/containers/-1/image',
  '/spec/template/spec/containers/-',
  '/spec/template/spec/containers/1',
  '/spec/template/spec/containers/0/env/0',
  '/spec/template/spec/containers/0/env/-',
  '/spec/template/spec/volumes/-',
  '/spec/ports/0/port',
  '/spec/ports/-',
  '/data/k0',
  '/data',
  '/spec/list/1',
  '/spec/deep/text',
  '/spec/new',
  '/spec',
] as const;

const operators = [
  'add',
  'add',
  'add',
  'replace',
  'replace',
  'replace',
  'remove',
  'test',
  'copy',
  'move',
] as const;
const podPlaces = /^\/spec\/(?:template|replicas)/;

/** A place that an object of a kind is likely to have. */
function placeIn(dice: Dice, { kind, fields }: SeenObject): string {
  const way = someWay(dice, fields);
  if (way.length > 0 && dice.chance(0.6)) return JSON.stringify(pointerOf(dice, way));
  const fitting = places.filter((place) => place.startsWith('/metadata') || fits(place, kind));
  return dice.pick(dice.chance(0.95) && fitting.length > 0 ? fitting : places);
}

function fits(place: string, kind: string): boolean {
  if (podPlaces.test(place)) return /^(?:Deployment|StatefulSet|DaemonSet|Job|Server)$/.test(kind);
  if (place.startsWith('/spec/ports')) return kind === 'Service';
  if (place.startsWith('/data')) return kind === 'ConfigMap' || kind === 'Secret';
  return kind === 'Thing' || place === '/spec/new';
}

function operation(dice: Dice, object: SeenObject): YamlMap {
  const op = dice.pick(operators);
  const value: Yaml = dice.chance(0.6)
    ? valueScalar(dice)
    : dice.pick<Yaml>([{ name: 'added', image: 'x' }, [], {}, 'null', port(dice, 1), ['a', '1']]);
  return {
    op,
    path: placeIn(dice, object),
    ...(op === 'copy' || op === 'move' ? { from: placeIn(dice, object) } : {}),
    ...(op === 'remove' ? {} : { value }),
  };
}

function operations(dice: Dice, object: SeenObject): string {
  const most = dice.chance(0.7) ? 1 : 3;
  return yamlText(
    several(dice, most, () => operation(dice, object)),
    dice,
  ).replace(/^\n+/, '');
}

/** An entry of `patches`: a merge patch or operations, in a file or in place, with a target or without. */
export function patchEntry(scene: Scene): YamlMap {
  const { dice } = scene;
  const object = dice.pick(scene.objects);
  const isMerge = dice.chance(0.6);
  const text = isMerge ? mergeText(dice, scene, object) : operations(dice, object);
  const content: YamlMap = dice.chance(0.5)
    ? { path: scene.file('patch', text) }
    : { patch: textScalar(text, dice) };
  const targeted = isMerge ? dice.chance(0.4) : dice.chance(0.98);
  return {
    ...content,
    ...(targeted ? { target: selector(dice, object) } : {}),
    ...maybe(dice, 0.08, () => ({
      options: { [dice.pick(['allowNameChange', 'allowKindChange'])]: 'true' },
    })),
  };
}

function mergeText(dice: Dice, { objects }: Scene, object: SeenObject): string {
  const first = yamlText(mergePatch(dice, object), dice);
  return dice.chance(0.12) ? `${first}---\n${yamlText(mergePatch(dice, dice.pick(objects)), dice)}` : first;
}

/** The older fields: `patchesStrategicMerge` by file or in place, `patchesJson6902` with a whole target. */
export function olderPatches(scene: Scene): YamlMap {
  const { dice } = scene;
  const object = dice.pick(scene.objects);
  if (dice.chance(0.5)) {
    const text = yamlText(mergePatch(dice, object), dice);
    return { patchesStrategicMerge: [dice.chance(0.6) ? scene.file('merge', text) : textScalar(text, dice)] };
  }
  const target = { ...wholeKind(object), name: JSON.stringify(object.name) };
  const text = operations(dice, object);
  const content = dice.chance(0.6) ? { path: scene.file('ops', text) } : { patch: textScalar(text, dice) };
  return { patchesJson6902: [{ target, ...content }] };
}
