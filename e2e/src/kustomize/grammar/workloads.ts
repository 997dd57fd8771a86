import type { Dice } from '../../kube/dice.ts';
import { names, valueScalar } from './scalars.ts';
import type { Yaml, YamlMap } from './yaml.ts';

/** A part of a mapping that is there with a probability. */
export function maybe(dice: Dice, probability: number, make: () => YamlMap): YamlMap {
  return dice.chance(probability) ? make() : {};
}

/** One to `most` things. */
export function several<T>(dice: Dice, most: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: 1 + dice.below(most) }, (_, index) => make(index));
}

const images = [
  'nginx',
  'nginx:1.25',
  'registry.example:5000/team/web:1.0',
  'redis@sha256:aabb',
  'web:v1@sha256:cc',
];

/** A container; `index` keeps the names of a pod's containers apart. */
export function container(dice: Dice, index: number): YamlMap {
  return {
    ...maybe(dice, 0.9, () => ({ name: ['server', 'side', 'third'][index] ?? 'more' })),
    image: dice.pick(images),
    ...maybe(dice, 0.4, () => ({ env: several(dice, 3, (at) => variable(dice, at)) })),
    ...maybe(dice, 0.2, () => ({ envFrom: several(dice, 2, () => source(dice)) })),
    ...maybe(dice, 0.4, () => ({ ports: several(dice, 3, (at) => port(dice, at)) })),
    ...maybe(dice, 0.2, () => ({ args: several(dice, 3, () => valueScalar(dice)) })),
    ...maybe(dice, 0.2, () => ({
      resources: { limits: { cpu: dice.pick(['1', '500m', '"2"']), memory: '1Gi' } },
    })),
    ...maybe(dice, 0.2, () => ({
      volumeMounts: several(dice, 2, (at) => ({ mountPath: `/m${at}`, name: 'v0' })),
    })),
  };
}

function variable(dice: Dice, at: number): YamlMap {
  const name = ['MODE', 'LEVEL', 'NAME'][at] ?? 'MORE';
  if (dice.chance(0.7)) return { name, value: valueScalar(dice) };
  const ref = { name: dice.pick(names), key: 'k' };
  return { name, valueFrom: dice.chance(0.5) ? { configMapKeyRef: ref } : { secretKeyRef: ref } };
}

function source(dice: Dice): YamlMap {
  const ref = { name: dice.pick(names) };
  return dice.chance(0.5) ? { configMapRef: ref } : { secretRef: ref };
}

/** A container's port; TCP is left out, written or another protocol, so that keys are whole and partial. */
export function port(dice: Dice, at: number): YamlMap {
  return {
    containerPort: dice.pick(['80', '443', `80${at}`]),
    ...maybe(dice, 0.5, () => ({ protocol: dice.pick(['TCP', 'UDP']) })),
    ...maybe(dice, 0.4, () => ({ name: `p${at}` })),
  };
}

function volume(dice: Dice, at: number): YamlMap {
  const name = `v${at}`;
  const choices: readonly YamlMap[] = [
    { emptyDir: {} },
    { configMap: { name: dice.pick(names) } },
    { secret: { secretName: dice.pick(names) } },
    { persistentVolumeClaim: { claimName: dice.pick(names) } },
    {
      projected: {
        sources: [{ configMap: { name: dice.pick(names) } }, { secret: { name: dice.pick(names) } }],
      },
    },
  ];
  return { name, ...dice.pick(choices) };
}

/** A pod template with the lists that merge by key. */
export function podTemplate(dice: Dice, labels: YamlMap): YamlMap {
  return {
    metadata: { labels, ...maybe(dice, 0.2, () => ({ annotations: { note: valueScalar(dice) } })) },
    spec: podSpec(dice),
  };
}

function podSpec(dice: Dice): YamlMap {
  return {
    ...maybe(dice, 0.3, () => ({ serviceAccountName: dice.pick(names) })),
    ...maybe(dice, 0.2, () => ({ initContainers: [{ name: 'init', image: dice.pick(images) }] })),
    containers: several(dice, 3, (index) => container(dice, index)),
    ...maybe(dice, 0.4, () => ({ volumes: several(dice, 3, (at) => volume(dice, at)) })),
    ...maybe(dice, 0.2, () => ({ tolerations: [{ key: 'gpu', operator: 'Exists' }] })),
    ...maybe(dice, 0.2, () => ({ topologySpreadConstraints: several(dice, 2, (at) => spread(dice, at)) })),
    ...maybe(dice, 0.2, () => ({ imagePullSecrets: [{ name: dice.pick(names) }] })),
    ...maybe(dice, 0.1, () => ({ hostAliases: [{ ip: '127.0.0.1', hostnames: ['a', 'b'] }] })),
    ...maybe(dice, 0.1, () => ({ nodeSelector: { pool: valueScalar(dice) } })),
  };
}

function spread(dice: Dice, at: number): YamlMap {
  return {
    maxSkew: '1',
    topologyKey: at === 0 ? 'zone' : 'host',
    whenUnsatisfiable: dice.pick(['DoNotSchedule', 'ScheduleAnyway']),
    labelSelector: { matchLabels: { app: 'web' } },
  };
}

type Make = (dice: Dice, name: string) => { readonly [part: string]: Yaml };

const selected = (dice: Dice, name: string): YamlMap => {
  const labels = { app: name };
  return { selector: { matchLabels: labels }, template: podTemplate(dice, labels) };
};

/** Kinds that hold pods, by `apiVersion kind`, each with what stands beside its metadata. */
export const workloads: { readonly [kind: string]: Make } = {
  'apps/v1 Deployment': (dice, name) => ({
    spec: {
      ...maybe(dice, 0.5, () => ({ replicas: dice.pick(['1', '3', '"2"']) })),
      ...selected(dice, name),
    },
  }),
  'apps/v1 StatefulSet': (dice, name) => ({
    spec: {
      serviceName: dice.pick(names),
      ...selected(dice, name),
      ...maybe(dice, 0.4, () => ({
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
      })),
    },
  }),
  'apps/v1 DaemonSet': (dice, name) => ({ spec: selected(dice, name) }),
  'batch/v1 Job': (dice, name) => ({ spec: { template: podTemplate(dice, { app: name }) } }),
  'batch/v1 CronJob': (dice, name) => ({
    spec: { schedule: '"* * * * *"', jobTemplate: { spec: { template: podTemplate(dice, { app: name }) } } },
  }),
  'v1 Pod': (dice) => ({ spec: podSpec(dice) }),
  'example.com/v1 Server': (dice, name) => ({
    spec: {
      ...maybe(dice, 0.5, () => ({ replicas: '1' })),
      template: podTemplate(dice, { app: name }),
      items: [{ name: 'a', v: '1' }, { name: 'b' }],
    },
  }),
};
