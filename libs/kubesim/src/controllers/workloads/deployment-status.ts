import { itemsAt, numberAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Wanted } from './deployment-plan.ts';
import { shareOf, total } from './deployment-plan.ts';
import { withCondition } from './owned.ts';

/** What a deployment's status is made of. */
export interface DeploymentFacts {
  readonly deployment: KubeObject;
  readonly wanted: Wanted;
  /** The replica set of the present template. */
  readonly fresh: KubeObject | undefined;
  readonly sets: readonly KubeObject[];
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
  const progress = progressOf(facts, counts);
  const { condition, nextMs } = progress;
  const conditions = condition === undefined ? withAvailable : withCondition(withAvailable, condition, times);
  const collisionCount = numberAt(deployment, 'status', 'collisionCount');
  const status = { ...counts, conditions, ...(collisionCount === undefined ? {} : { collisionCount }) };
  return { status, nextMs };
}

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
  const complete = isComplete(counts, wanted.replicas);
  if (deadline === noDeadline || (wanted.paused && !complete)) return { nextMs: undefined };
  const name = (fresh ?? deployment).metadata.name ?? '';
  const what = `${fresh === undefined ? 'Deployment' : 'ReplicaSet'} "${name}"`;
  if (!complete) return stepOf(facts, counts, { deadline, name, what });
  const message = `${what} has successfully progressed.`;
  return { condition: progressing('NewReplicaSetAvailable', message), nextMs: undefined };
}

/** How far a rollout is that is not complete yet. */
function stepOf(
  { deployment, fresh, nowMs }: DeploymentFacts,
  counts: Counts,
  { deadline, name, what }: { readonly deadline: number; readonly name: string; readonly what: string },
): Progress {
  const conditions = itemsAt(deployment, 'status', 'conditions');
  const old = conditions.find((one) => textAt(one, 'type') === 'Progressing');
  const nextMs = deadline * 1_000;
  if (old === undefined && fresh !== undefined) {
    return { condition: progressing('NewReplicaSetCreated', `Created new replica set "${name}"`), nextMs };
  }
  if (old === undefined || hasProgressed(deployment, counts)) {
    return { condition: progressing('ReplicaSetUpdated', `${what} is progressing.`), nextMs };
  }
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
  if (textAt(old, 'status') === 'False') return { nextMs: undefined };
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
