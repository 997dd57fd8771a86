import { isObject, itemsAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { scaleAnnotations, shareOf } from './deployment-plan.ts';
import type { Wanted } from './deployment-plan.ts';

/** Where deployments and replica sets say of which revision they are. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';

/** Annotations of a deployment that its replica sets do not take over. */
const ownAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  revisionAnnotation,
  historyAnnotation,
  ...Object.values(scaleAnnotations),
]);

/** Characters of the history of revisions at most; the oldest are dropped. */
const longestHistory = 2_000;

/** The revision of a replica set, 0 when it has none. */
export function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
}

/** The revision that comes after those of old replica sets. */
export function revisionAfter(old: readonly KubeObject[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** Marks by which a replica set tells a later scaling of its deployment from a rollout. */
export function scaleMarks({ replicas, maxSurge }: Wanted): { [name: string]: string } {
  return {
    [scaleAnnotations.desired]: String(replicas),
    [scaleAnnotations.most]: String(replicas + maxSurge),
  };
}

/** Whether a deployment asks for another number of pods than when its replica sets were scaled last. */
export function isScaling(sets: readonly KubeObject[], { replicas }: Wanted): boolean {
  return sets.some((set) => {
    const told = set.metadata.annotations?.[scaleAnnotations.desired];
    return shareOf(set).replicas > 0 && told !== undefined && Number(told) !== replicas;
  });
}

/**
 * The annotations of the replica set of a deployment's present template (SetNewReplicaSetAnnotations): those of the deployment,
 * and a revision that is never lowered. A revision that it had before comes into its history.
 */
export function setAnnotations(
  deployment: KubeObject,
  present: Readonly<Record<string, string>>,
  revision: number,
): { [name: string]: string } {
  const given = Object.entries(deployment.metadata.annotations ?? {});
  const annotations = {
    ...present,
    ...Object.fromEntries(given.filter(([name]) => !ownAnnotations.has(name))),
  };
  const old = present[revisionAnnotation];
  if (Number(old ?? 0) >= revision) return annotations;
  annotations[revisionAnnotation] = String(revision);
  if (old === undefined) return annotations;
  const history = [...(present[historyAnnotation]?.split(',') ?? []), old];
  while (history.join(',').length > longestHistory) history.shift();
  annotations[historyAnnotation] = history.join(',');
  return annotations;
}

/** What a deployment's progress is when it was just paused or goes on; undefined when neither is news. */
export function pauseCondition(deployment: KubeObject): { readonly [field: string]: string } | undefined {
  const { spec } = deployment;
  const paused = isObject(spec) && spec['paused'] === true;
  const condition = itemsAt(deployment, 'status', 'conditions').find(
    (one) => textAt(one, 'type') === 'Progressing',
  );
  const reason = textAt(condition, 'reason');
  const wasPaused = reason === 'DeploymentPaused';
  if (reason === 'ProgressDeadlineExceeded' || paused === wasPaused) return undefined;
  const words = paused
    ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  return { type: 'Progressing', status: 'Unknown', ...words };
}
