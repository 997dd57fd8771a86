import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { parseLabelSelector } from '../../store/label-selector.ts';
import { selectorText } from '../../api/selector-text.ts';
import type { StoreEvent } from '../../store/store.ts';
import { namespacedKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { isReady } from '../pod-status.ts';
import { controllerOf, isActive, scaledValue, withCondition, workloadAt } from './owned.ts';

const resource = 'poddisruptionbudgets.policy';

/** Tells how many pods of a budget may be evicted (pkg/controller/disruption). */
export class DisruptionBudgets implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'controllermanager');
  }

  keysOf({ type, key }: StoreEvent): readonly string[] {
    if (key.resource === resource) return type === 'DELETED' ? [] : [namespacedKey(key.namespace, key.name)];
    if (key.resource !== 'pods') return [];
    return this.#client
      .list(resource, key.namespace)
      .map(({ metadata: { name = '' } }) => namespacedKey(key.namespace, name));
  }

  reconcile(key: string): undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return;
    const { ref, object: budget } = found;
    const pods = this.#podsOf(budget);
    const expectedPods = this.#expected(pods);
    const currentHealthy = pods.filter((pod) => isReady(pod) && isActive(pod)).length;
    const desiredHealthy = desiredOf(budget, expectedPods);
    const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
    const allowed = disruptionsAllowed > 0;
    const condition = {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    };
    const times = {
      lastTransitionTime: this.#client.now(),
      observedGeneration: budget.metadata.generation ?? 1,
    };
    const status = {
      observedGeneration: budget.metadata.generation ?? 1,
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      conditions: withCondition(itemsAt(budget, 'status', 'conditions'), condition, times),
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
  }

  #podsOf(budget: KubeObject): KubeObject[] {
    const selector = objectAt(budget, 'spec', 'selector');
    const parsed = selector && parseLabelSelector(selectorText(selector));
    if (parsed?.ok !== true) return [];
    return this.#client
      .list('pods', budget.metadata.namespace)
      .filter((pod) => parsed.matches(pod.metadata.labels ?? {}));
  }

  /** How many pods their controllers want: the sum of the replicas of all of them. */
  #expected(pods: readonly KubeObject[]): number {
    const scales = new Map<string, number>();
    let alone = 0;
    for (const pod of pods) {
      const owner = controllerOf(pod);
      const plural = ownerResources[textAt(owner, 'kind') ?? ''];
      const ref = { namespace: pod.metadata.namespace ?? '', name: textAt(owner, 'name') ?? '' };
      const set = plural === undefined ? undefined : this.#client.get({ resource: plural, ...ref });
      if (set === undefined) alone += 1;
      else scales.set(set.metadata.uid ?? '', numberAt(set, 'spec', 'replicas') ?? 1);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, alone);
  }
}

const ownerResources: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
};

function desiredOf(budget: KubeObject, expected: number): number {
  const { minAvailable, maxUnavailable } = objectAt(budget, 'spec') ?? {};
  if (maxUnavailable !== undefined && maxUnavailable !== null) {
    return Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up'));
  }
  return scaledValue(minAvailable ?? 1, expected, 'up');
}
