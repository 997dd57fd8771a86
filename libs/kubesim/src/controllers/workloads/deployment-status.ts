import { isObject, itemsAt, numberAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Wanted } from './deployment-plan.ts';
import { shareOf, total } from './deployment-plan.ts';

/** What a deployment's status is made of. */
export interface DeploymentFacts {
  readonly deployment: KubeObject;
  readonly wanted: Wanted;
  /** The replica set of the present template. */
  readonly fresh: KubeObject | undefined;
  readonly sets: readonly KubeObject[];
  /** Whether a rollout goes on, as opposed to being paused or scaled: only then progress is judged. */
  readonly rollsOut: boolean;
  readonly now: string;
  readonly nowMs: number;
}

/** The status of a deployment and when it will differ by the passing of time (pkg/controller/deployment/sync.go, progress.go). */
export function deploymentStatus(facts: DeploymentFacts): {
  readonly status: JsonObject;
  readonly nextMs: number | undefined;
} {
  const { deployment, wanted } = facts;
  const counts = countsOf(facts);
  const available = counts.availableReplicas >= wanted.replicas - wanted.maxUnavailable;
  const times = { lastUpdateTime: facts.now, lastTransitionTime: facts.now };
  const before = itemsAt(deployment, 'status', 'conditions');
  const withAvailable = withCondition(before, available ? enough : tooFew, times);
  const progress = facts.rollsOut ? progressOf(facts, counts) : { nextMs: undefined };
  const { condition, nextMs } = progress;
  const progressed = condition === undefined ? withAvailable : withCondition(withAvailable, condition, times);
  const conditions = facts.rollsOut ? withFailure(facts, progressed) : progressed;
  const collisionCount = numberAt(deployment, 'status', 'collisionCount');
  const status = { ...counts, conditions, ...(collisionCount === undefined ? {} : { collisionCount }) };
  return { status, nextMs };
}

/** The first failure of a replica set, that of the present template before others, is the deployment's. */
function withFailure({ fresh, sets, now }: DeploymentFacts, conditions: readonly Json[]): Json[] {
  const failures = [...(fresh === undefined ? [] : [fresh]), ...sets].flatMap((set) =>
    itemsAt(set, 'status', 'conditions').filter((one) => textAt(one, 'type') === 'ReplicaFailure'),
  );
  const others = conditions.filter((one) => textAt(one, 'type') !== 'ReplicaFailure');
  const [first] = failures;
  if (!isObject(first)) return others;
  const { type, status, reason, message, lastTransitionTime } = first;
  const times = { lastUpdateTime: now, lastTransitionTime: lastTransitionTime ?? now };
  return withCondition(conditions, { type, status, reason, message }, times);
}

/**
 * Conditions with one of them set. One of the same status and reason stays as it is, whatever its message, but for that of
 * progress made, whose time says when the last step was.
 */
export function withCondition(conditions: readonly Json[], wanted: JsonObject, times: JsonObject): Json[] {
  const old = conditions.find((one) => textAt(one, 'type') === wanted['type']);
  const others = conditions.filter((one) => textAt(one, 'type') !== wanted['type']);
  if (!isObject(old)) return [...others, { ...wanted, ...times }];
  const same = old['status'] === wanted['status'];
  if (same && old['reason'] === wanted['reason'] && wanted['reason'] !== stepMade) return [...conditions];
  const kept = same ? { lastTransitionTime: old['lastTransitionTime'] ?? null } : {};
  return [...others, { ...wanted, ...times, ...kept }];
}

const stepMade = 'ReplicaSetUpdated';

const enough = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
};
const tooFew = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
};

function countsOf({ deployment, fresh, sets }: DeploymentFacts) {
  const sum = (field: string) => sets.reduce((all, set) => all + (numberAt(set, 'status', field) ?? 0), 0);
  const [replicas, availableReplicas] = [sum('replicas'), sum('availableReplicas')];
  const updatedReplicas = numberAt(fresh, 'status', 'replicas') ?? 0;
  const asked = total(sets.map(shareOf));
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas,
    readyReplicas: sum('readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, asked - availableReplicas),
    terminatingReplicas: sum('terminatingReplicas'),
  };
}

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

function isComplete({ updatedReplicas, replicas, availableReplicas }: Counts, wanted: number): boolean {
  return [updatedReplicas, replicas, availableReplicas].every((count) => count === wanted);
}

interface Progress {
  readonly condition?: JsonObject;
  readonly nextMs: number | undefined;
}

const noDeadline = 2_147_483_647;

function progressOf(facts: DeploymentFacts, counts: Counts): Progress {
  const { deployment, fresh, wanted } = facts;
  const deadline = numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600;
  const conditions = itemsAt(deployment, 'status', 'conditions');
  const old = conditions.find((one) => textAt(one, 'type') === 'Progressing');
  const isDone =
    textAt(old, 'reason') === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas;
  if (deadline === noDeadline || isDone) return { nextMs: undefined };
  const name = (fresh ?? deployment).metadata.name ?? '';
  const what = `${fresh === undefined ? 'Deployment' : 'ReplicaSet'} "${name}"`;
  if (!isComplete(counts, wanted.replicas)) return stepOf(facts, counts, { deadline, old, what });
  const message = `${what} has successfully progressed.`;
  return { condition: progressing('NewReplicaSetAvailable', message), nextMs: undefined };
}

/** How far a rollout is that is not complete yet. */
function stepOf(
  { deployment, nowMs }: DeploymentFacts,
  counts: Counts,
  {
    deadline,
    old,
    what,
  }: { readonly deadline: number; readonly old: Json | undefined; readonly what: string },
): Progress {
  if (hasProgressed(deployment, counts)) {
    const condition = progressing(stepMade, `${what} is progressing.`);
    return { condition, nextMs: deadline * 1_000 };
  }
  if (old === undefined) return { nextMs: undefined };
  const words = progressing('ProgressDeadlineExceeded', `${what} has timed out progressing.`);
  return overdue(old, { deadline, nowMs, late: { ...words, status: 'False' } });
}

function progressing(reason: string, message: string): JsonObject {
  return { type: 'Progressing', status: 'True', reason, message };
}

function overdue(
  old: Json,
  { deadline, nowMs, late }: { deadline: number; nowMs: number; late: JsonObject },
): Progress {
  const isOver = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'].includes(textAt(old, 'reason') ?? '');
  if (isOver) return { nextMs: undefined };
  const since = Date.parse(textAt(old, 'lastUpdateTime') ?? '');
  const leftMs = since + deadline * 1_000 - nowMs;
  return leftMs > 0 ? { nextMs: leftMs } : { condition: late, nextMs: undefined };
}

/** Whether more pods are up to date or available, or fewer old ones are left, than the status told last. */
function hasProgressed(deployment: KubeObject, counts: Counts): boolean {
  const told = (field: string) => numberAt(deployment, 'status', field) ?? 0;
  return (
    counts.updatedReplicas > told('updatedReplicas') ||
    counts.replicas - counts.updatedReplicas < told('replicas') - told('updatedReplicas') ||
    counts.readyReplicas > told('readyReplicas') ||
    counts.availableReplicas > told('availableReplicas')
  );
}
