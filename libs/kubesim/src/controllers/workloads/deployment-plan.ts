import { draftOf, isObject, jsonEqual, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { scaledValue } from './owned.ts';

/** What a deployment asks for. */
export interface Wanted {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly recreate: boolean;
  readonly paused: boolean;
}

/** Reads what a deployment asks for; a surge of nothing with nothing unavailable becomes one unavailable. */
export function wantedOf(deployment: KubeObject): Wanted {
  const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const rolling = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const maxSurge = scaledValue(rolling?.['maxSurge'], replicas, 'up');
  const unavailable = scaledValue(rolling?.['maxUnavailable'], replicas, 'down');
  return {
    replicas,
    maxSurge,
    maxUnavailable: Math.min(replicas, maxSurge === 0 && unavailable === 0 ? 1 : unavailable),
    recreate: textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate',
    paused: objectAt(deployment, 'spec')?.['paused'] === true,
  };
}

/** One replica set of a deployment. */
export interface Share {
  readonly name: string;
  readonly replicas: number;
  readonly ready: number;
  readonly available: number;
  /** How many pods all replica sets might have had when this one was scaled last; 0 when unknown. */
  readonly mostBefore: number;
}

/** Where a replica set says how many pods its deployment asks for, and how many it may have at most. */
export const scaleAnnotations = {
  desired: 'deployment.kubernetes.io/desired-replicas',
  most: 'deployment.kubernetes.io/max-replicas',
} as const;

/** Reads what a replica set has. */
export function shareOf(set: KubeObject): Share {
  return {
    name: set.metadata.name ?? '',
    replicas: numberAt(set, 'spec', 'replicas') ?? 0,
    ready: numberAt(set, 'status', 'readyReplicas') ?? 0,
    available: numberAt(set, 'status', 'availableReplicas') ?? 0,
    mostBefore: Number(set.metadata.annotations?.[scaleAnnotations.most] ?? 0) || 0,
  };
}

/** What is to be scaled to what, by name of replica set. */
export type Scaling = ReadonlyMap<string, number>;

/**
 * The next step of a rolling update (pkg/controller/deployment/rolling.go): up to the surge for the new replica set; for old
 * ones first what is not available, then what may be missed.
 * @param old Oldest first.
 */
export function rollingStep(wanted: Wanted, fresh: Share, old: readonly Share[]): Scaling {
  const up = scaleUp(wanted, fresh, old);
  if (up !== fresh.replicas) return new Map([[fresh.name, up]]);
  return scaleDown(wanted, fresh, old);
}

function scaleUp({ replicas, maxSurge }: Wanted, fresh: Share, old: readonly Share[]): number {
  if (fresh.replicas >= replicas) return replicas;
  const room = replicas + maxSurge - total([fresh, ...old]);
  return room <= 0 ? fresh.replicas : Math.min(replicas, fresh.replicas + room);
}

function scaleDown({ replicas, maxUnavailable }: Wanted, fresh: Share, old: readonly Share[]): Scaling {
  const least = replicas - maxUnavailable;
  const scaling = new Map<string, number>();
  const freshUnavailable = fresh.replicas - fresh.available;
  let spare = total([fresh, ...old]) - least - freshUnavailable;
  for (const set of old) {
    const broken = Math.min(set.replicas - set.available, spare);
    if (broken <= 0) continue;
    scaling.set(set.name, set.replicas - broken);
    spare -= broken;
  }
  let missable = [fresh, ...old].reduce((sum, set) => sum + set.available, 0) - least;
  for (const set of old) {
    const left = scaling.get(set.name) ?? set.replicas;
    const taken = Math.min(left, missable);
    if (taken <= 0) continue;
    scaling.set(set.name, left - taken);
    missable -= taken;
  }
  return scaling;
}

/**
 * What replica sets come to when a deployment is scaled in the middle of a rollout: each keeps its share
 * (pkg/controller/deployment/sync.go scale).
 * @param active Those with pods, oldest first.
 * @param told How many pods the deployment's status tells.
 */
export function proportionalScaling(wanted: Wanted, active: readonly Share[], told: number): Scaling {
  const most = wanted.replicas > 0 ? wanted.replicas + wanted.maxSurge : 0;
  const toAdd = most - total(active);
  const inOrder = toAdd > 0 ? active.toReversed() : [...active];
  inOrder.sort((a, b) => b.replicas - a.replicas);
  const scaling = new Map<string, number>();
  let added = 0;
  for (const set of inOrder) {
    const share = toAdd === 0 ? 0 : shareOfScaling(wanted, set, { left: toAdd - added, told });
    added += share;
    scaling.set(set.name, set.replicas + share);
  }
  const [largest] = inOrder;
  if (largest !== undefined) {
    const size = scaling.get(largest.name) ?? largest.replicas;
    scaling.set(largest.name, Math.max(0, size + toAdd - added));
  }
  return scaling;
}

function shareOfScaling(
  { replicas, maxSurge }: Wanted,
  set: Share,
  { left, told }: { readonly left: number; readonly told: number },
): number {
  const before = set.mostBefore === 0 ? told : set.mostBefore;
  const scaled = before === 0 ? set.replicas : Math.round((set.replicas * (replicas + maxSurge)) / before);
  const fraction = replicas === 0 ? -set.replicas : scaled - set.replicas;
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** Number of pods that replica sets ask for. */
export function total(sets: readonly Share[]): number {
  return sets.reduce((sum, { replicas }) => sum + replicas, 0);
}

/** A template without the label by which replica sets tell their pods apart. */
export function plainTemplate(owner: KubeObject): JsonObject {
  const template = draftOf(objectAt(owner, 'spec', 'template') ?? {});
  const labels = objectAt(template, 'metadata', 'labels');
  delete labels?.['pod-template-hash'];
  return template;
}

/** Whether a replica set is the one of the deployment's present template. */
export function isOfTemplate(set: KubeObject, deployment: KubeObject): boolean {
  return jsonEqual(plainTemplate(set), plainTemplate(deployment));
}

/** A replica set for a deployment's present template. */
export function replicaSetOf(
  deployment: KubeObject,
  { hash, replicas, reference }: { hash: string; replicas: number; reference: Json },
): KubeObject {
  const { name = '', namespace = '' } = deployment.metadata;
  const template = plainTemplate(deployment);
  const metadata = isObject(template['metadata']) ? template['metadata'] : {};
  const labels = { ...objectAt(metadata, 'labels'), 'pod-template-hash': hash };
  const selector = draftOf(objectAt(deployment, 'spec', 'selector') ?? {});
  const minReadySeconds = numberAt(deployment, 'spec', 'minReadySeconds') ?? 0;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: textLabels(labels),
      ownerReferences: [reference],
    },
    spec: {
      replicas,
      ...(minReadySeconds > 0 ? { minReadySeconds } : {}),
      selector: {
        ...selector,
        matchLabels: { ...objectAt(selector, 'matchLabels'), 'pod-template-hash': hash },
      },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  };
}

function textLabels(labels: JsonObject): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
