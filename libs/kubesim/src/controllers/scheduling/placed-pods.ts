import { textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { add, podRequests } from '../pod-requests.ts';
import type { Amounts } from '../pod-requests.ts';

/** A pod that holds a part of a node. */
export interface Placed {
  readonly pod: KubeObject;
  readonly node: string;
  readonly requests: Amounts;
}

/** Which pods are on which nodes, and what they ask for. */
export class PlacedPods {
  readonly #placed = new Map<string, Placed>();
  readonly #byNode = new Map<string, Map<string, Placed>>();
  readonly #nominated = new Map<string, Placed>();
  readonly #used = new Map<string, Map<string, bigint>>();

  /** Notes where a pod is now; one that is nowhere, or has ended, holds nothing. @returns whether it held something before. */
  note(key: string, pod: KubeObject | undefined): boolean {
    const before = this.#placed.get(key);
    if (before !== undefined) this.#change(key, before, false);
    this.#nominated.delete(key);
    if (pod === undefined) return before !== undefined;
    const node = textAt(pod, 'spec', 'nodeName') ?? '';
    if (node === '') {
      this.#nominate(key, pod);
      return before !== undefined;
    }
    // What a pod asks for seldom changes, and is costly to add up.
    const isSame = before !== undefined && before.pod['spec'] === pod['spec'];
    const requests = isSame ? before.requests : podRequests(pod);
    this.#change(key, { pod, node, requests }, true);
    return before !== undefined;
  }

  /** The pods on a node. */
  on(node: string): readonly Placed[] {
    return [...(this.#byNode.get(node)?.values() ?? [])];
  }

  /** All of them. */
  all(): Iterable<Placed> {
    return this.#placed.values();
  }

  /** Pods that are nowhere yet, and where they are to be once others have gone. */
  nominated(): readonly Placed[] {
    return [...this.#nominated.values()];
  }

  /** What the pods on a node ask for. */
  usedOn(node: string): Amounts {
    return this.#used.get(node) ?? new Map<string, bigint>();
  }

  #nominate(key: string, pod: KubeObject): void {
    const node = textAt(pod, 'status', 'nominatedNodeName') ?? '';
    if (node !== '') this.#nominated.set(key, { pod, node, requests: podRequests(pod) });
  }

  #change(key: string, placed: Placed, isThere: boolean): void {
    const there = this.#byNode.get(placed.node) ?? new Map<string, Placed>();
    const used = this.#used.get(placed.node) ?? new Map<string, bigint>();
    if (isThere) {
      this.#placed.set(key, placed);
      there.set(key, placed);
    } else {
      this.#placed.delete(key);
      there.delete(key);
    }
    add(used, placed.requests, isThere ? 1n : -1n);
    this.#byNode.set(placed.node, there);
    this.#used.set(placed.node, used);
  }
}
