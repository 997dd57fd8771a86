import { isObject, itemsAt, memberOf, numberAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { namespacedKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { isReady } from '../pod-status.ts';
import { takesLabels } from '../selecting.ts';
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
    if (pods.length === 0) {
      const message = 'No matching pods found';
      this.#client.record(budget, { type: 'Normal', reason: 'NoPods', message });
    }
    const expectedPods = this.#expected(budget, pods);
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
    const observedGeneration = budget.metadata.generation ?? 1;
    const times = { lastTransitionTime: this.#client.now() };
    const status = {
      observedGeneration,
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      conditions: withCondition(itemsAt(budget, 'status', 'conditions'), condition, times).map((one) =>
        // It is told of every generation, also when it stays the same.
        isObject(one) && one['type'] === condition.type ? { ...one, observedGeneration } : one,
      ),
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
  }

  #podsOf(budget: KubeObject): KubeObject[] {
    const selector = objectAt(budget, 'spec', 'selector');
    return this.#client
      .list('pods', budget.metadata.namespace)
      .filter((pod) => takesLabels(selector, pod.metadata.labels));
  }

  /** How many pods there should be: those that are there for a plain minimum, else the sum of what their controllers want. */
  #expected(budget: KubeObject, pods: readonly KubeObject[]): number {
    const { minAvailable } = objectAt(budget, 'spec') ?? {};
    if (typeof minAvailable === 'number') return pods.length;
    const scales = new Map<string, number>();
    for (const pod of pods) {
      const set = this.#controllerOf(pod);
      if (set === undefined) this.#warnOfLone(budget);
      else scales.set(set.metadata.uid ?? '', numberAt(set, 'spec', 'replicas') ?? 1);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  #controllerOf(pod: KubeObject): KubeObject | undefined {
    const owner = controllerOf(pod);
    const resource = memberOf(ownerResources, textAt(owner, 'kind') ?? '');
    const ref = { namespace: pod.metadata.namespace ?? '', name: textAt(owner, 'name') ?? '' };
    return resource === undefined ? undefined : this.#client.get({ resource, ...ref });
  }

  #warnOfLone(budget: KubeObject): void {
    const selector = goSelector(objectAt(budget, 'spec', 'selector') ?? {});
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status ` +
      'of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please ' +
      'set ".spec.minAvailable" field of the PDB to an integer value.';
    this.#client.record(budget, { type: 'Warning', reason: 'UnmanagedPods', message });
  }
}

/** A selector as Go prints it. */
function goSelector(selector: JsonObject): string {
  const labels = Object.entries(textsAt(selector, 'matchLabels')).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = itemsAt(selector, 'matchExpressions').map((one) => {
    const values = itemsAt(one, 'values')
      .filter((value) => typeof value === 'string')
      .join(' ');
    const [key = '', operator = ''] = ['key', 'operator'].map((field) => textAt(one, field));
    return `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values}],},`;
  });
  const map = labels.map(([name, value]) => `${name}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

const ownerResources: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets.apps',
  ReplicationController: 'replicationcontrollers',
  StatefulSet: 'statefulsets.apps',
};

function desiredOf(budget: KubeObject, expected: number): number {
  const { minAvailable, maxUnavailable } = objectAt(budget, 'spec') ?? {};
  if (maxUnavailable !== undefined && maxUnavailable !== null) {
    return Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up'));
  }
  return scaledValue(minAvailable ?? 1, expected, 'up');
}
