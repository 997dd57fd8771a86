import { typeWarnings } from '../admission/policies/type-check/type-warnings.ts';
import { jsonEqual, numberAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { applyPatch } from '../merge/apply.ts';
import { resetFieldsOf } from '../cluster/served-version.ts';
import type { StoreEvent } from '../store/store.ts';
import type { ClusterCore } from './cluster-client.ts';
import type { Controller } from './controller.ts';

const group = 'admissionregistration.k8s.io';
const plural = 'validatingadmissionpolicies';

/** Checks validating policies by the types of what they are about, and says what does not fit (controller of their statuses). */
export class PolicyStatuses implements Controller {
  readonly manager = 'validatingadmissionpolicy-status';
  readonly #core: ClusterCore;

  constructor(core: ClusterCore) {
    this.#core = core;
  }

  keysOf({ type, key, object, previous }: StoreEvent): readonly string[] {
    if (key.resource !== `${plural}.${group}` || type === 'DELETED') return [];
    return jsonEqual(object['spec'], previous?.['spec']) ? [] : [key.name];
  }

  reconcile(name: string): undefined {
    const { store, registry, writer } = this.#core;
    const policy = store.get({ resource: `${plural}.${group}`, namespace: '', name });
    const resource = registry.find(group, 'v1', plural);
    if (policy === undefined || resource === undefined) return;
    const { generation = 0 } = policy.metadata;
    if (generation <= (numberAt(policy, 'status', 'observedGeneration') ?? 0)) return;
    const expressionWarnings = typeWarnings(policy, registry);
    const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
    const status = { observedGeneration: generation, typeChecking };
    const target = { resource, namespace: '', name, subresource: 'status' };
    const from = (live: KubeObject): KubeObject => {
      const { apiVersion, kind } = live;
      const result = applyPatch({
        live,
        applied: { apiVersion, kind, metadata: { name }, status },
        manager: this.manager,
        force: true,
        subresource: 'status',
        nowMs: this.#core.nowMs(),
        apiVersion,
        schema: resource.schema,
        resetFields: resetFieldsOf(registry.rulesOf(resource), 'status'),
      });
      return result.ok ? result.object : live;
    };
    writer.update(target, { from }, { manager: this.manager, dryRun: false });
  }
}
