import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, objectAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { notNegative } from './checks.ts';

type StatusCheck = (object: KubeObject, old: KubeObject) => FieldError[];

/** What a status counts: what may not be less than none, and what may not be more than all replicas. */
interface Counts {
  readonly counted: readonly string[];
  readonly parts: readonly string[];
  /** How the server calls the ready replicas, of which the available ones are some. */
  readonly ready?: string;
}

/** A check of a status: counts are no less than none, parts no more than the whole, and collisions are never forgotten. */
function countsCheck({ counted, parts, ready }: Counts): StatusCheck {
  return (object, old) => {
    const status = objectAt(object, 'status') ?? {};
    const count = (field: string) => numberAt(status, field) ?? 0;
    const over = parts.filter((field) => count(field) > count('replicas'));
    const unready = ready !== undefined && count('availableReplicas') > count('readyReplicas');
    const collisions = numberAt(status, 'collisionCount') ?? 0;
    const forgotten = collisions < (numberAt(old, 'status', 'collisionCount') ?? 0);
    return [
      ...counted.flatMap((field) => notNegative(status[field], `status.${field}`)),
      ...over.map((field) =>
        invalid(`status.${field}`, count(field), 'cannot be greater than status.replicas'),
      ),
      ...(unready
        ? [invalid('status.availableReplicas', count('availableReplicas'), `cannot be greater than ${ready}`)]
        : []),
      ...(forgotten ? [invalid('status.collisionCount', collisions, 'cannot be decremented')] : []),
    ];
  };
}

/** Checks of what controllers say of workloads, by the name of the resource (pkg/apis/{apps,core}/validation). */
export const statusChecks = {
  deployments: countsCheck({
    counted: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    parts: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'readyReplicas',
  }),
  replicaSets: countsCheck({
    counted: [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ],
    parts: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'readyReplicas',
  }),
  statefulSets: countsCheck({
    counted: [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    parts: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ready: 'status.readyReplicas',
  }),
  daemonSets: countsCheck({
    counted: [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
    parts: [],
  }),
} as const satisfies Readonly<Record<string, StatusCheck>>;
