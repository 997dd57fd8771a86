import { setTimeout as wait } from 'node:timers/promises';
import { deniedError, failedError } from '../admission/webhooks/refusals.ts';
import type { Review } from '../admission/review.ts';
import { draftOf, isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { builtInDefaults } from '../kinds/defaults/built-in-defaults.ts';
import { groupResource } from '../schema/resource.ts';
import { setDefaults } from '../schema/set-defaults.ts';
import type { FaultOf } from './fault-rule.ts';
import type { Faults } from './faults.ts';

type Mutation = FaultOf<'mutate'>;

/** The mutations that a write of the object itself meets. Patches and applies count as updates, or as the creations that they are. */
export function mutationsOf(faults: Faults, review: Review): readonly Mutation[] {
  const { target, asked, operation, object } = review;
  if (target.subresource !== '' || object === undefined) return [];
  return faults.meetMutations({
    verb: operation.toLowerCase(),
    resource: groupResource(target.resource.storage),
    subresource: '',
    namespace: target.namespace,
    name: target.name,
    user: asked?.user.name ?? '',
    userAgent: '',
  });
}

/** Waits for as long as the mutations take. */
export async function takeTime(mutations: readonly Mutation[]): Promise<void> {
  for (const { delayMs = 0 } of mutations) if (delayMs > 0) await wait(delayMs);
}

/** The object as mutations leave it. Throws when one denies the write or cannot be called. */
export function mutatedBy(
  mutations: readonly Mutation[],
  { target, object }: Review,
): KubeObject | undefined {
  if (object === undefined) return undefined;
  let changed = object;
  for (const { webhook, fails, denies, sidecar, replicas } of mutations) {
    if (fails !== undefined) throw failedError(webhook, `failed to call webhook: ${fails}`);
    if (denies !== undefined) throw deniedError(webhook, { message: denies });
    if (sidecar !== undefined) changed = withSidecar(changed, sidecar);
    if (replicas !== undefined) changed = withReplicas(changed, replicas);
  }
  if (changed !== object) setDefaults(changed, target.resource.schema, builtInDefaults);
  return changed;
}

/** Puts a container into a pod that has none of its name. */
function withSidecar(
  object: KubeObject,
  sidecar: { readonly name: string; readonly image: string },
): KubeObject {
  if (object.kind !== 'Pod') return object;
  const present = itemsAt(object, 'spec', 'containers');
  if (present.some((container) => textAt(container, 'name') === sidecar.name)) return object;
  return changedSpec(object, (spec) => {
    spec['containers'] = [...itemsAt(spec, 'containers'), { ...sidecar }];
  });
}

/** Sets the replicas of what has some. */
function withReplicas(object: KubeObject, replicas: number): KubeObject {
  if (objectAt(object, 'spec')?.['replicas'] === undefined) return object;
  return changedSpec(object, (spec) => {
    spec['replicas'] = replicas;
  });
}

function changedSpec(object: KubeObject, change: (spec: JsonObject) => void): KubeObject {
  const draft = draftOf(object);
  const { spec } = draft;
  if (isObject(spec)) change(spec);
  return draft;
}
