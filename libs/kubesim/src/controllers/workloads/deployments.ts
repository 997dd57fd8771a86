import { numberAt, objectAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { ClusterClient, refOf } from '../cluster-client.ts';
import type { ClusterCore, ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import {
  isOfTemplate,
  plainTemplate,
  replicaSetOf,
  rollingStep,
  shareOf,
  total,
  wantedOf,
} from './deployment-plan.ts';
import type { Scaling, Share, Wanted } from './deployment-plan.ts';
import { deploymentStatus } from './deployment-status.ts';
import { controlled, controllerReference, isActive, nameHash, workloadAt, workloadKeys } from './owned.ts';

const resource = 'deployments.apps';
const setResource = 'replicasets.apps';
const dependents = new Set([setResource]);
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const changeAnnotations = ['kubectl.kubernetes.io/last-applied-configuration', revisionAnnotation];

/** How often a deployment looks whether the pods that it replaces are gone. */
const recreateMs = 200;

/** Rolls deployments out over replica sets (pkg/controller/deployment). */
export class Deployments implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(event, { resource, kind: 'Deployment', dependents });
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: deployment } = found;
    const wanted = wantedOf(deployment);
    const sets = this.#setsOf(deployment);
    const present = sets.find((set) => isOfTemplate(set, deployment));
    const old = sets.filter((set) => set !== present);
    let waits = false;
    if (!wanted.paused) waits = this.#rollOut(ref, { deployment, wanted, present, old });
    else this.#scaleOnly(sets, present ?? old.at(-1), wanted);
    const nextMs = this.#tell(ref);
    return waits ? recreateMs : nextMs;
  }

  /** Replica sets, oldest revision first. */
  #setsOf(deployment: KubeObject): KubeObject[] {
    return controlled(this.#client, deployment, setResource).sort((a, b) => revisionOf(a) - revisionOf(b));
  }

  /** Scales the one replica set that has pods; in the middle of a rollout a paused deployment is left as it is. */
  #scaleOnly(sets: readonly KubeObject[], latest: KubeObject | undefined, wanted: Wanted): void {
    const active = sets.filter((set) => shareOf(set).replicas > 0);
    const only = active.length > 1 ? undefined : (active[0] ?? latest);
    if (only !== undefined) this.#scale(only, wanted.replicas, wanted);
  }

  /** @returns whether old pods have to be gone first. */
  #rollOut(ref: ObjectRef, rollout: Rollout): boolean {
    const { deployment, wanted, present, old } = rollout;
    if (wanted.recreate && this.#scaleAway(old, wanted)) return true;
    const fresh = present ?? this.#createSet(rollout);
    this.#annotate(ref, fresh, String(this.#number(fresh, old)));
    if (wanted.recreate) this.#scale(fresh, wanted.replicas, wanted);
    else {
      const step = rollingStep(wanted, shareOf(fresh), old.map(shareOf));
      for (const set of [fresh, ...old]) this.#scaleBy(step, set, wanted);
    }
    this.#cleanUp(deployment, old);
    return false;
  }

  /** Takes old pods away before new ones come. @returns whether some are left. */
  #scaleAway(old: readonly KubeObject[], wanted: Wanted): boolean {
    for (const set of old) this.#scale(set, 0, wanted);
    const isLeft = (pod: KubeObject) => isActive(pod) || pod.metadata.deletionTimestamp !== undefined;
    return old.some((set) => controlled(this.#client, set, 'pods').some(isLeft));
  }

  #createSet({ deployment, wanted, old }: Rollout): KubeObject {
    const shares: Share[] = old.map(shareOf);
    const room = wanted.replicas + wanted.maxSurge - total(shares);
    const first = wanted.recreate ? wanted.replicas : Math.max(0, Math.min(wanted.replicas, room));
    const collisions = numberAt(deployment, 'status', 'collisionCount') ?? 0;
    const made = replicaSetOf(deployment, {
      hash: nameHash(plainTemplate(deployment), collisions),
      replicas: first,
      reference: controllerReference(deployment),
    });
    made.metadata.annotations = {
      ...annotationsOf(deployment),
      ...scaleAnnotations(wanted),
      [revisionAnnotation]: String(revisionAfter(old)),
    };
    return this.#client.create(setResource, made);
  }

  /** The revision of the present replica set: it becomes the newest again when an older template returns. */
  #number(fresh: KubeObject, old: readonly KubeObject[]): number {
    return Math.max(revisionOf(fresh), revisionAfter(old));
  }

  #annotate(ref: ObjectRef, fresh: KubeObject, revision: string): void {
    const edit = ({ metadata }: KubeObject) => {
      metadata.annotations = { ...metadata.annotations, [revisionAnnotation]: revision };
    };
    this.#client.change(refOf(setResource, fresh), edit);
    // By way of the status, which does not count as a change of the deployment.
    this.#client.change(ref, edit, 'status');
  }

  #scaleBy(step: Scaling, set: KubeObject, wanted: Wanted): void {
    const replicas = step.get(set.metadata.name ?? '');
    if (replicas !== undefined) this.#scale(set, replicas, wanted);
  }

  #scale(set: KubeObject, replicas: number, wanted: Wanted): void {
    this.#client.change(refOf(setResource, set), (draft) => {
      const spec = objectAt(draft, 'spec');
      if (spec !== undefined) spec['replicas'] = Math.max(0, replicas);
      draft.metadata.annotations = { ...draft.metadata.annotations, ...scaleAnnotations(wanted) };
    });
  }

  #cleanUp(deployment: KubeObject, old: readonly KubeObject[]): void {
    const kept = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
    const empty = old.filter((set) => {
      const { replicas } = shareOf(set);
      return replicas === 0 && (numberAt(set, 'status', 'replicas') ?? 0) === 0;
    });
    for (const set of empty.slice(0, Math.max(0, empty.length - kept))) {
      this.#client.remove(refOf(setResource, set), { uid: set.metadata.uid ?? '' });
    }
  }

  #tell(ref: ObjectRef): number | undefined {
    const deployment = this.#client.get(ref);
    if (deployment === undefined) return undefined;
    const sets = this.#setsOf(deployment);
    const { status, nextMs } = deploymentStatus({
      deployment,
      wanted: wantedOf(deployment),
      fresh: sets.find((set) => isOfTemplate(set, deployment)),
      sets,
      now: this.#client.now(),
      nowMs: this.#client.nowMs(),
    });
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }
}

interface Rollout {
  readonly deployment: KubeObject;
  readonly wanted: Wanted;
  readonly present: KubeObject | undefined;
  readonly old: readonly KubeObject[];
}

function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
}

function revisionAfter(old: readonly KubeObject[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

function scaleAnnotations({ replicas, maxSurge, recreate }: Wanted): { [name: string]: string } {
  return {
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(recreate ? replicas : replicas + maxSurge),
  };
}

/** Annotations that a replica set takes from its deployment. */
function annotationsOf({ metadata }: KubeObject): { [name: string]: string } {
  const given = Object.entries(metadata.annotations ?? {});
  return Object.fromEntries(given.filter(([name]) => !changeAnnotations.includes(name)));
}
