import { keyOf, keyText } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { autoscaledBy, hasReplicas } from '../assignments/autoscaled.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { EngineContext } from './context.ts';
import { leftovers } from './held.ts';
import type { Held } from './held.ts';

/** Tells which autoscaler has the replicas of an object. */
export interface Autoscalers {
  of(desired: DesiredObject): Promise<string | undefined>;
}

const scalerKind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' } as const;

/**
 * The autoscalers of one turn: those of the bundle, and those that the cluster has now, asked for once in each namespace in
 * which an object with replicas is written. KEDA makes a HorizontalPodAutoscaler for what it scales.
 */
export function createAutoscalers(context: EngineContext, held: Held, signal: AbortSignal): Autoscalers {
  const asked = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const ask = (namespace: string) => {
    const known = asked.get(namespace);
    if (known) return known;
    const found = listScalers(context, held, { namespace, signal });
    asked.set(namespace, found);
    return found;
  };
  return {
    async of({ autoscaler, id, object, entry }) {
      if (autoscaler !== undefined || !hasReplicas(object)) return autoscaler;
      return (await ask(entry.namespace)).get(id);
    },
  };
}

async function listScalers(
  { kube }: EngineContext,
  held: Held,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const going = new Set(leftovers(held).map(keyText));
  try {
    const found = await kube.list({ ...scalerKind, namespace, labelSelector: '' }, signal);
    // One that this bundle has dropped is about to be deleted and gives the replicas back.
    const staying = found.filter((scaler) => !going.has(keyText(keyOf(scaler))));
    return autoscaledBy(staying, () => namespace);
  } catch (error) {
    // An agent that may not see autoscalers knows those of its bundles.
    if (error instanceof FaultError && (error.code === 'denied' || error.code === 'not_found'))
      return new Map();
    throw error;
  }
}
