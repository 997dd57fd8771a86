import { ApiError, forbiddenError, notFoundError } from '../errors/api-error.ts';
import { goJson } from '../errors/field-error.ts';
import { isTrue } from '../definitions/conditions.ts';
import { definitionsResource } from '../definitions/names.ts';
import type { Target } from '../cluster/target.ts';
import type { RuleContext } from '../kinds/kind-rules.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { groupResource } from '../schema/resource.ts';
import { fill } from '../schema/set-defaults.ts';
import { defaultIngressClass, defaultStorageClass } from './default-classes.ts';
import { defaultLimits } from './limit-ranger.ts';
import { runtimeClass } from './runtime-class.ts';

/** A write on its way in. Plugins change the draft, which is in the storage version. */
export interface Admission {
  readonly draft: KubeObject;
  /** The stored object; undefined on create. */
  readonly old: KubeObject | undefined;
  readonly target: Target;
  readonly context: RuleContext;
}

/** Lets the built-in admission plugins change or refuse a write, in the API server's order. Throws ApiError. */
export function admit(admission: Admission): void {
  namespaceLifecycle(admission);
  definitionLifecycle(admission);
  if (admission.target.subresource !== '') return;
  const plugins = byResource[groupResource(admission.target.resource.storage)] ?? [];
  for (const plugin of plugins) plugin(admission);
}

const byResource: Readonly<Record<string, readonly ((admission: Admission) => void)[]>> = {
  pods: [defaultLimits, priority, defaultTolerations, runtimeClass],
  nodes: [notReadyYet],
  persistentvolumeclaims: [
    defaultStorageClass,
    (admission) => protect(admission, 'kubernetes.io/pvc-protection'),
  ],
  'ingresses.networking.k8s.io': [defaultIngressClass],
  persistentvolumes: [(admission) => protect(admission, 'kubernetes.io/pv-protection')],
};

/** TaintNodesByCondition: nothing is put on a new node before its controller says that it is ready. */
function notReadyYet({ draft, old }: Admission): void {
  const spec = objectAt(draft, 'spec');
  if (old !== undefined || spec === undefined) return;
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  spec['taints'] = [...itemsAt(spec, 'taints'), taint];
}

/** StorageObjectInUseProtection: volumes and claims wait to be unused before they go. */
function protect({ draft, old }: Admission, finalizer: string): void {
  const { metadata } = draft;
  if (old !== undefined || metadata.finalizers?.includes(finalizer) === true) return;
  metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
}

/** Priority: a pod gets the priority of its class, or of the default class, and keeps it. */
function priority(admission: Admission): void {
  const spec = objectAt(admission.draft, 'spec');
  if (spec === undefined) return;
  if (admission.old !== undefined) {
    const { priority, preemptionPolicy } = objectAt(admission.old, 'spec') ?? {};
    return fill(spec, { priority, preemptionPolicy });
  }
  const named = textAt(spec, 'priorityClassName') ?? '';
  const found = priorityClass(admission, named);
  if (found !== undefined) spec['priorityClassName'] = found.metadata.name ?? named;
  const computed = {
    priority: numberAt(found, 'value') ?? systemPriorities[named] ?? 0,
    preemptionPolicy: textAt(found, 'preemptionPolicy') ?? 'PreemptLowerPriority',
  };
  refuseOther(admission, 'integer value of priority', [spec['priority'], computed.priority]);
  refuseOther(admission, 'string value of PreemptionPolicy', [
    spec['preemptionPolicy'],
    computed.preemptionPolicy,
  ]);
  Object.assign(spec, computed);
}

/** What the plugin computes a client may leave out, or say alike. */
function refuseOther(
  { draft, target }: Admission,
  what: string,
  [said, computed]: readonly [Json | undefined, number | string],
): void {
  if (said === undefined || said === computed) return;
  const why = `the ${what} (${goJson(said).replaceAll('"', '')}) must not be provided in pod spec; priority admission controller computed ${String(computed)} from the given PriorityClass name`;
  throw forbiddenError(target.resource, draft.metadata.name ?? '', why);
}

function priorityClass({ draft, target, context }: Admission, named: string): KubeObject | undefined {
  const classes = context.lookupAll('priorityclasses.scheduling.k8s.io');
  if (named === '') return classes.find((one) => one['globalDefault'] === true);
  const found = classes.find((one) => one.metadata.name === named);
  if (found === undefined && !Object.hasOwn(systemPriorities, named)) {
    const why = `no PriorityClass with name ${named} was found`;
    throw forbiddenError(target.resource, draft.metadata.name ?? '', why);
  }
  return found;
}

const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** DefaultTolerationSeconds: pods stay for five minutes on a node that is lost, unless they say otherwise. */
function defaultTolerations({ draft }: Admission): void {
  const spec = objectAt(draft, 'spec');
  if (spec === undefined) return;
  const present = [...itemsAt(spec, 'tolerations')];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    if (present.some((toleration) => tolerates(toleration, key))) continue;
    present.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  spec['tolerations'] = present;
}

function tolerates(toleration: Json, key: string): boolean {
  const given = textAt(toleration, 'key') ?? '';
  const effect = textAt(toleration, 'effect') ?? '';
  return (given === key || given === '') && (effect === 'NoExecute' || effect === '');
}

/** Nothing is created of a custom kind whose definition is going. */
function definitionLifecycle({ draft, old, target: { resource }, context }: Admission): void {
  if (old !== undefined || !resource.custom) return;
  const definition = context.lookup(definitionsResource, '', groupResource(resource));
  if (definition === undefined || !isTrue(definition, 'Terminating')) return;
  const why = 'create not allowed while custom resource definition is terminating';
  throw forbiddenError(resource, draft.metadata.name ?? '', why);
}

/** NamespaceLifecycle: nothing is created in a namespace that is not there or is going. */
function namespaceLifecycle({ draft, old, target, context }: Admission): void {
  const { resource, namespace } = target;
  // Validation refuses what is in no namespace.
  if (old !== undefined || !resource.namespaced || namespace === '') return;
  const found = context.lookup('namespaces', '', namespace);
  if (found === undefined) throw notFoundError({ group: '', name: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const refusal = forbiddenError(
    resource,
    draft.metadata.name ?? '',
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  throw new ApiError(refusal.message, {
    ...refusal.facts,
    details: { ...refusal.facts.details, causes },
  });
}
