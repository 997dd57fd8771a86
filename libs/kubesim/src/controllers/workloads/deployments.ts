import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { claim, controlled, workloadKeys } from './claiming.ts';
import { isOfTemplate, plainTemplate, proportionalScaling, replicaSetOf } from './deployment-plan.ts';
import { rollingStep, shareOf, total, wantedOf } from './deployment-plan.ts';
import type { Scaling, Share, Wanted } from './deployment-plan.ts';
import { isScaling, pauseCondition, revisionAfter, revisionOf, setAnnotations } from './deployment-record.ts';
import { revisionAnnotation, scaleMarks } from './deployment-record.ts';
import { deploymentStatus, withCondition } from './deployment-status.ts';
import { controllerReference, isActive, isTerminating, nameHash, workloadAt } from './owned.ts';

const resource = 'deployments.apps';
const setResource = 'replicasets.apps';
const kind = { resource, kind: 'Deployment', dependents: new Set([setResource]) };

/** How often a deployment looks whether the pods that it replaces are gone. */
const recreateMs = 200;

/** Rolls deployments out over replica sets (pkg/controller/deployment). */
export class Deployments implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'deployment-controller');
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(this.#client, event, kind);
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: deployment } = found;
    const wanted = wantedOf(deployment);
    const sets = inOrder(claim(this.#client, deployment, setResource));
    const present = sets.find((set) => isOfTemplate(set, deployment));
    const rollout = { deployment, wanted, present, old: sets.filter((set) => set !== present) };
    this.#notePause(ref, deployment);
    if (wanted.paused || isScaling(sets, wanted)) {
      this.#scaleAll(ref, rollout);
      return this.#tell(ref, false);
    }
    const waits = this.#rollOut(ref, rollout);
    const nextMs = this.#tell(ref, true);
    return waits ? recreateMs : nextMs;
  }

  #notePause(ref: ObjectRef, deployment: KubeObject): void {
    const condition = pauseCondition(deployment);
    if (condition === undefined) return;
    this.#client.change(ref, (draft) => this.#addCondition(draft, condition), 'status');
  }

  #addCondition(draft: KubeObject, condition: Condition): void {
    const now = this.#client.now();
    const times = { lastUpdateTime: now, lastTransitionTime: now };
    const status = objectAt(draft, 'status') ?? {};
    const before = itemsAt(status, 'conditions');
    draft['status'] = { ...status, conditions: withCondition(before, { ...condition }, times) };
  }

  /** Scales without rolling out: the one set that has pods, or each by its share in the middle of a rollout. */
  #scaleAll(ref: ObjectRef, rollout: Rollout): void {
    const { deployment, wanted, present, old } = rollout;
    const fresh = present && this.#annotate(ref, { deployment, present, old });
    const sets = fresh === undefined ? old : [...old, fresh];
    const active = sets.filter((set) => shareOf(set).replicas > 0);
    const only = active.length === 0 ? (fresh ?? old.at(-1)) : active[0];
    if (active.length < 2) {
      if (only !== undefined) this.#scale(deployment, only, wanted.replicas);
    } else this.#share(rollout, active, fresh);
    if (wanted.paused) this.#cleanUp(deployment, old);
  }

  #share(
    { deployment, wanted }: Rollout,
    active: readonly KubeObject[],
    fresh: KubeObject | undefined,
  ): void {
    if (fresh !== undefined && isSaturated(fresh, wanted)) {
      for (const set of active) if (set !== fresh) this.#scale(deployment, set, 0);
    } else if (!wanted.recreate) {
      const told = numberAt(deployment, 'status', 'replicas') ?? 0;
      const scaling = proportionalScaling(wanted, active.map(shareOf), told);
      for (const set of active) this.#scaleBy(deployment, scaling, set);
    }
  }

  /** @returns whether old pods have to be gone first. */
  #rollOut(ref: ObjectRef, rollout: Rollout): boolean {
    const { deployment, wanted, present, old } = rollout;
    if (wanted.recreate && this.#scaleAway(rollout)) return true;
    const fresh =
      present === undefined
        ? this.#createSet(ref, rollout)
        : this.#annotate(ref, { deployment, present, old });
    if (wanted.recreate) this.#scale(deployment, fresh, wanted.replicas);
    else {
      const step = rollingStep(wanted, shareOf(fresh), old.map(shareOf));
      for (const set of [fresh, ...old]) this.#scaleBy(deployment, step, set);
    }
    if (isComplete(deployment, wanted)) this.#cleanUp(deployment, old);
    return false;
  }

  /** Takes old pods away before new ones come. @returns whether some are left. */
  #scaleAway({ deployment, old }: Rollout): boolean {
    for (const set of old) this.#scale(deployment, set, 0);
    const isLeft = (pod: KubeObject) => isActive(pod) || isTerminating(pod);
    return old.some((set) => controlled(this.#client, set, 'pods').some(isLeft));
  }

  #createSet(ref: ObjectRef, { deployment, wanted, old }: Rollout): KubeObject {
    const shares: Share[] = old.map(shareOf);
    const room = wanted.replicas + wanted.maxSurge - total(shares);
    const first = wanted.recreate ? wanted.replicas : Math.max(0, Math.min(wanted.replicas, room));
    const collisions = numberAt(deployment, 'status', 'collisionCount') ?? 0;
    const made = replicaSetOf(deployment, {
      hash: nameHash(plainTemplate(deployment), collisions),
      replicas: first,
      reference: controllerReference(deployment),
    });
    const revision = revisionAfter(old);
    made.metadata.annotations = {
      ...setAnnotations(deployment, {}, revision),
      ...scaleMarks(wanted),
    };
    const set = this.#client.create(setResource, made);
    const name = set.metadata.name ?? '';
    if (first > 0) this.#tellScaling(deployment, `up replica set ${name} from 0 to ${String(first)}`);
    const message = `Created new replica set "${name}"`;
    const progress = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message };
    this.#note(ref, String(revision), hasDeadline(deployment) ? progress : undefined);
    return set;
  }

  /** Gives the present replica set the annotations of its deployment, and its revision to the deployment. */
  #annotate(ref: ObjectRef, { deployment, present, old }: Annotating): KubeObject {
    const minReadySeconds = numberAt(deployment, 'spec', 'minReadySeconds');
    const fresh = this.#client.change(refOf(setResource, present), (draft) => {
      const { metadata } = draft;
      metadata.annotations = setAnnotations(deployment, metadata.annotations ?? {}, revisionAfter(old));
      const spec = objectAt(draft, 'spec') ?? {};
      if (minReadySeconds === undefined) delete spec['minReadySeconds'];
      else spec['minReadySeconds'] = minReadySeconds;
    });
    const conditions = itemsAt(deployment, 'status', 'conditions');
    const isNew = !conditions.some((one) => textAt(one, 'type') === 'Progressing');
    const message = `Found new replica set "${fresh.metadata.name ?? ''}"`;
    const progress = { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message };
    this.#note(ref, String(revisionOf(fresh)), hasDeadline(deployment) && isNew ? progress : undefined);
    return fresh;
  }

  /** Notes the revision, by way of the status, which does not count as a change of the deployment. */
  #note(ref: ObjectRef, revision: string, condition: Condition | undefined): void {
    const edit = (draft: KubeObject) => {
      const { metadata } = draft;
      metadata.annotations = { ...metadata.annotations, [revisionAnnotation]: revision };
      if (condition !== undefined) this.#addCondition(draft, condition);
    };
    this.#client.change(ref, edit, 'status');
  }

  #scaleBy(deployment: KubeObject, step: Scaling, set: KubeObject): void {
    const replicas = step.get(set.metadata.name ?? '');
    if (replicas !== undefined) this.#scale(deployment, set, replicas, true);
  }

  #scale(deployment: KubeObject, set: KubeObject, replicas: number, marks = false): void {
    const { name, replicas: before } = shareOf(set);
    if (before === replicas && !marks) return;
    this.#client.change(refOf(setResource, set), (draft) => {
      const spec = objectAt(draft, 'spec');
      if (spec !== undefined) spec['replicas'] = replicas;
      draft.metadata.annotations = { ...draft.metadata.annotations, ...scaleMarks(wantedOf(deployment)) };
    });
    if (before === replicas) return;
    const way = before < replicas ? 'up' : 'down';
    this.#tellScaling(deployment, `${way} replica set ${name} from ${String(before)} to ${String(replicas)}`);
  }

  #tellScaling(deployment: KubeObject, what: string): void {
    this.#client.record(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${what}`,
    });
  }

  #cleanUp(deployment: KubeObject, old: readonly KubeObject[]): void {
    const kept = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
    const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
    const isEmpty = (set: KubeObject) =>
      shareOf(set).replicas === 0 && (numberAt(set, 'status', 'replicas') ?? 0) === 0;
    for (const set of alive.slice(0, Math.max(0, alive.length - kept)).filter(isEmpty)) {
      this.#client.remove(refOf(setResource, set), { uid: set.metadata.uid ?? '' });
    }
  }

  #tell(ref: ObjectRef, rollsOut: boolean): number | undefined {
    const deployment = this.#client.get(ref);
    if (deployment === undefined) return undefined;
    const sets = inOrder(controlled(this.#client, deployment, setResource));
    const { status, nextMs } = deploymentStatus({
      deployment,
      wanted: wantedOf(deployment),
      fresh: sets.find((set) => isOfTemplate(set, deployment)),
      sets,
      rollsOut,
      now: this.#client.now(),
      nowMs: this.#client.nowMs(),
    });
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }
}

type Condition = Readonly<Record<string, string>>;

interface Annotating {
  readonly deployment: KubeObject;
  readonly present: KubeObject;
  readonly old: readonly KubeObject[];
}

interface Rollout {
  readonly deployment: KubeObject;
  readonly wanted: Wanted;
  /** The replica set of the present template. */
  readonly present: KubeObject | undefined;
  /** The others, oldest revision first. */
  readonly old: readonly KubeObject[];
}

function inOrder(sets: readonly KubeObject[]): KubeObject[] {
  return [...sets].sort((a, b) => revisionOf(a) - revisionOf(b));
}

function hasDeadline(deployment: KubeObject): boolean {
  return numberAt(deployment, 'spec', 'progressDeadlineSeconds') !== 2_147_483_647;
}

/** Whether the status tells that all pods are of the present template and available. */
function isComplete(deployment: KubeObject, { replicas }: Wanted): boolean {
  const told = (field: string) => numberAt(deployment, 'status', field) ?? 0;
  return ['updatedReplicas', 'replicas', 'availableReplicas'].every((field) => told(field) === replicas);
}

function isSaturated(fresh: KubeObject, { replicas }: Wanted): boolean {
  const asked = Number(textAt(fresh, 'metadata', 'annotations', 'deployment.kubernetes.io/desired-replicas'));
  const available = numberAt(fresh, 'status', 'availableReplicas') ?? 0;
  return shareOf(fresh).replicas === replicas && asked === replicas && available === replicas;
}
