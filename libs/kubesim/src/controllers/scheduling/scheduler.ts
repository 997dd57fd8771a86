import { isObject, itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { boundPod } from '../../kinds/bound-pod.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey, splitKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { fitOf } from './fit.ts';
import type { Fit } from './fit.ts';
import type { Misfit } from './node-fit.ts';
import { PlacedPods } from './placed-pods.ts';
import type { Placed } from './placed-pods.ts';
import { isSociable } from './pod-affinity.ts';
import { claimNames, claimsOf } from './pod-claims.ts';
import { leastHarm, priorityOf, victimsOn, whyNotPreempt } from './preemption.ts';
import type { Candidate } from './preemption.ts';
import { preemptionText, refusalText } from './refusal.ts';
import type { RefusalParts } from './refusal.ts';

/**
 * Puts pods on nodes by the filters of the default profile: taints, node selectors and affinity, ports of the host, resources
 * (extended ones such as `nvidia.com/gpu` included), claims, topology spread and affinity between pods. Says why when none fits,
 * and takes the place of pods of lower priority. Of the nodes that fit it takes the one with the fewest pods.
 */
export class Scheduler implements Controller {
  readonly manager = 'kube-scheduler';
  readonly #client: InsideClient;
  readonly #placed = new PlacedPods();
  readonly #pending = new Set<string>();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'default-scheduler');
  }

  keysOf(event: StoreEvent): readonly string[] {
    const { resource } = event.key;
    if (resource === 'pods') return this.#notePod(event);
    if (resource === 'nodes') return this.#waiting(() => true);
    const isVolume = resource === 'persistentvolumeclaims' || resource === 'storageclasses.storage.k8s.io';
    return isVolume ? this.#waiting((pod) => claimNames(pod).length > 0) : [];
  }

  /** @returns the pods to look at: the changed one, and those that may fit now because of it. */
  #notePod(event: StoreEvent): readonly string[] {
    const { type, key, object } = event;
    const name = namespacedKey(key.namespace, key.name);
    const holds = type !== 'DELETED' && !isFinished(object);
    const held = this.#placed.note(name, holds ? object : undefined);
    const node = textAt(object, 'spec', 'nodeName') ?? '';
    if (holds && node === '') {
      this.#pending.add(name);
      return isStatusOnly(event) ? [] : [name];
    }
    this.#pending.delete(name);
    if (held && !holds) return this.#waiting(() => true);
    return this.#isNews(event) ? this.#waiting(isSociable) : [];
  }

  #isNews({ object, previous }: StoreEvent): boolean {
    const isMoved = textAt(previous, 'spec', 'nodeName') !== textAt(object, 'spec', 'nodeName');
    return isMoved || previous?.metadata.labels !== object.metadata.labels;
  }

  /** Pods that wait, the most important first. */
  #waiting(concerns: (pod: KubeObject) => boolean): string[] {
    if (this.#pending.size === 0) return [];
    const found = [...this.#pending].flatMap((key) => {
      const pod = this.#client.get({ resource: 'pods', ...splitKey(key) });
      return pod !== undefined && concerns(pod) ? [{ key, priority: priorityOf(pod) }] : [];
    });
    return found.sort((a, b) => b.priority - a.priority).map(({ key }) => key);
  }

  reconcile(key: string): undefined {
    const ref = { resource: 'pods', ...splitKey(key) };
    const pod = this.#client.get(ref);
    if (pod === undefined || !isWaiting(pod)) return;
    const nodes = this.#client.list('nodes');
    const claims = claimsOf(this.#client, pod);
    if (claims.refusal !== undefined) {
      this.#refuse(ref, pod, { parts: { everywhere: claims.refusal, misfits: [] }, nodes: nodes.length });
      return;
    }
    const fit = this.#fitOf(pod, nodes);
    const judged = nodes.map((node) => ({ node, misfit: fit(node, new Set()) }));
    const fitting = judged.flatMap(({ node, misfit }) => (misfit === undefined ? [node] : []));
    const chosen = this.#emptiest(
      fitting.some(isNominatedOf(pod)) ? fitting.filter(isNominatedOf(pod)) : fitting,
    );
    if (chosen === undefined) this.#makeRoom(ref, pod, { judged, fit });
    else if (claims.delayed.length > 0) for (const claim of claims.delayed) this.#select(claim, chosen);
    else this.#bind(ref, pod, chosen);
  }

  #fitOf(pod: KubeObject, nodes: readonly KubeObject[]): Fit {
    const labelsOf = (name: string) =>
      this.#client.get({ resource: 'namespaces', namespace: '', name })?.metadata.labels ?? {};
    return fitOf(pod, { nodes, pods: this.#placed, labelsOf });
  }

  /** Has the claim get its volume where the pod is to be; the pod is looked at again once it has. */
  #select(claim: ObjectRef, node: string): void {
    this.#client.change(claim, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'volume.kubernetes.io/selected-node': node };
    });
  }

  #bind(ref: ObjectRef, pod: KubeObject, node: string): void {
    this.#client.force(ref, (live) => {
      const bound = boundPod(live, node, this.#client.nowMs());
      const status = objectAt(bound, 'status');
      delete status?.['nominatedNodeName'];
      return bound;
    });
    const message = `Successfully assigned ${namespacedKey(ref.namespace, ref.name)} to ${node}`;
    this.#client.record(pod, { type: 'Normal', reason: 'Scheduled', message, action: 'Binding' });
  }

  #emptiest(nodes: readonly KubeObject[]): string | undefined {
    const pods = (name: string) => this.#placed.usedOn(name).get('pods') ?? 0n;
    return nodes
      .map(({ metadata: { name = '' } }) => name)
      .reduce<string | undefined>(
        (best, name) => (best === undefined || pods(name) < pods(best) ? name : best),
        undefined,
      );
  }

  /** Says why no node fits, and sends pods of lower priority away where that helps. */
  #makeRoom(ref: ObjectRef, pod: KubeObject, { judged, fit }: Looked): void {
    const misfits = judged.flatMap(({ misfit }) => misfit ?? []);
    const found = this.#preempt(pod, { judged, fit });
    const parts = { misfits, preemption: 'why' in found ? found.why : undefined };
    const nominated = 'why' in found ? found.nominated : found.node;
    this.#refuse(ref, pod, { parts, nodes: judged.length, nominated });
    if ('why' in found) return;
    for (const victim of found.victims) this.#evict(pod, victim);
    this.#release(pod, found.node);
  }

  #preempt(pod: KubeObject, { judged, fit }: Looked): Candidate | NoRoom {
    const nominated = textAt(pod, 'status', 'nominatedNodeName') ?? '';
    const isLost = judged.some(
      ({ node, misfit }) => isNominatedOf(pod)(node) && misfit?.resolvable === false,
    );
    const why = whyNotPreempt(pod, isLost ? [] : this.#placed.on(nominated));
    if (why !== undefined) return { why, nominated };
    const budgets = this.#client.list('poddisruptionbudgets.policy');
    const tried = judged.map(({ node, misfit }) => {
      const name = node.metadata.name ?? '';
      const there = this.#placed.on(name);
      return misfit?.resolvable === true
        ? victimsOn(pod, { node: name, there, budgets, fits: (gone) => fit(node, gone) })
        : { reasons: ['Preemption is not helpful for scheduling'], resolvable: false };
    });
    const candidates = tried.flatMap((one) => ('victims' in one ? [one] : []));
    const misfits = tried.flatMap((one) => ('victims' in one ? [] : [one]));
    return leastHarm(candidates) ?? { why: preemptionText(misfits), nominated: '' };
  }

  /** Pods of lower priority that were to be on a node are not any more. */
  #release(pod: KubeObject, node: string): void {
    for (const one of this.#placed.nominated()) {
      if (one.node !== node || priorityOf(one.pod) >= priorityOf(pod)) continue;
      const edit = (draft: KubeObject) => void delete objectAt(draft, 'status')?.['nominatedNodeName'];
      this.#client.change(refOf('pods', one.pod), edit, 'status');
    }
  }

  #evict(pod: KubeObject, { pod: victim, node }: Placed): void {
    const ref = refOf('pods', victim);
    if (this.#client.get(ref)?.metadata.deletionTimestamp !== undefined) return;
    const message = 'default-scheduler: preempting to accommodate a higher priority pod';
    this.#setCondition(ref, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message,
    });
    this.#client.remove(ref, { uid: victim.metadata.uid ?? '' });
    const told = `Preempted by pod ${pod.metadata.uid ?? ''} on node ${node}`;
    this.#client.record(victim, { type: 'Normal', reason: 'Preempted', message: told, action: 'Preempting' });
  }

  #refuse(ref: ObjectRef, pod: KubeObject, refusal: Refusal): void {
    const message = refusalText(refusal.parts, refusal.nodes);
    const condition = itemsAt(pod, 'status', 'conditions').find(
      (one) => textAt(one, 'type') === 'PodScheduled',
    );
    const nominated = textAt(pod, 'status', 'nominatedNodeName') ?? '';
    if (textAt(condition, 'message') === message && nominated === (refusal.nominated ?? nominated)) return;
    this.#setCondition(
      ref,
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
      refusal.nominated,
    );
    this.#client.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, action: 'Scheduling' });
  }

  #setCondition(ref: ObjectRef, condition: JsonObject, nominated?: string): void {
    const now = this.#client.now();
    const edit = (draft: KubeObject) => {
      const status = objectAt(draft, 'status') ?? {};
      const present = itemsAt(status, 'conditions').filter(isObject);
      const old = present.find(({ type }) => type === condition['type']);
      const since = old?.['status'] === condition['status'] ? old?.['lastTransitionTime'] : undefined;
      const times = { lastProbeTime: null, lastTransitionTime: since ?? now };
      const observedGeneration = draft.metadata.generation ?? 1;
      draft['status'] = {
        ...status,
        conditions: [...present.filter((one) => one !== old), { ...condition, observedGeneration, ...times }],
      };
      if (nominated === undefined) return;
      const next = objectAt(draft, 'status') ?? {};
      if (nominated === '') delete next['nominatedNodeName'];
      else next['nominatedNodeName'] = nominated;
    };
    this.#client.change(ref, edit, 'status');
  }
}

interface Judged {
  readonly node: KubeObject;
  readonly misfit: Misfit | undefined;
}

interface Refusal {
  readonly parts: RefusalParts;
  /** How many nodes there are. */
  readonly nodes: number;
  /** Where the pod is going to be once other pods are gone. */
  readonly nominated?: string;
}

/** Why no room could be made for a pod, and the node that is still kept for it. */
interface NoRoom {
  readonly why: string;
  readonly nominated: string;
}

/** What looking at all nodes came to. */
interface Looked {
  readonly judged: readonly Judged[];
  readonly fit: Fit;
}

function isNominatedOf(pod: KubeObject): (node: KubeObject) => boolean {
  const nominated = textAt(pod, 'status', 'nominatedNodeName');
  return ({ metadata }) => metadata.name === nominated;
}

/** What is said of a waiting pod does not make it fit. */
function isStatusOnly({ object, previous }: StoreEvent): boolean {
  if (previous === undefined || previous['spec'] !== object['spec']) return false;
  const { labels, deletionTimestamp } = previous.metadata;
  return labels === object.metadata.labels && deletionTimestamp === object.metadata.deletionTimestamp;
}

function isFinished(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

function isWaiting(pod: KubeObject): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (itemsAt(pod, 'spec', 'schedulingGates').length > 0) return false;
  const scheduler = textAt(pod, 'spec', 'schedulerName') ?? 'default-scheduler';
  return (textAt(pod, 'spec', 'nodeName') ?? '') === '' && scheduler === 'default-scheduler';
}
