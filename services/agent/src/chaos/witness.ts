import { setTimeout as delay } from 'node:timers/promises';
import { watchKind } from '@meridian/kube';
import type { Kube } from '@meridian/kube';
import type { KubeObject } from '@meridian/manifests';
import { readHook } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import type { ControlPlane } from '@meridian/testkit';
import { hookRunAnnotation } from '../ports.ts';
import { endJobAt } from '../testing/job-end.ts';

/** Sees every object of a hook from outside, and ends Jobs as their controller would. */
export interface Witness {
  /** How many runs of hooks were seen. */
  runs(): number;
  /** Runs that made more than one object. */
  doubles(): readonly string[];
}

/** How long a Job runs. */
const jobMs = 150;

/** Watches until `signal` aborts; `failed` is told of what ends it early. */
export function startWitness(
  plane: ControlPlane,
  kube: Kube,
  { signal, failed }: { readonly signal: AbortSignal; readonly failed: (error: unknown) => void },
): Witness {
  const uidsOf = new Map<string, Set<string>>();
  const note = (object: KubeObject): boolean => {
    const mark = object.metadata.annotations?.[hookRunAnnotation];
    if (mark === undefined || !readHook(object).hook) return false;
    const run = `${object.kind} ${object.metadata.name}, ${mark}`;
    const uids = uidsOf.get(run) ?? new Set();
    uidsOf.set(run, uids.add(object.metadata.uid ?? ''));
    return true;
  };
  const follow = async (apiVersion: string, kind: string, seen: (object: KubeObject) => void) => {
    const query = { apiVersion, kind, signal, clock: systemClock, random: Math.random };
    for await (const event of watchKind(kube, query)) if (event.type === 'applied') seen(event.object);
  };
  const end = async ({ metadata: { namespace = '', name, uid } }: KubeObject): Promise<void> => {
    const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace, name };
    do await delay(jobMs, undefined, { signal });
    while (!(await isEnded(ref, uid)));
  };
  /** Whether the Job has ended by now, or is gone: another run may have taken its name. */
  const isEnded = async (ref: Parameters<Kube['get']>[0] & { namespace: string }, uid?: string) => {
    try {
      if ((await kube.get(ref, signal))?.metadata.uid !== uid) return true;
      await endJobAt({ control: plane }, { namespace: ref.namespace, name: ref.name, type: 'Complete' });
      return true;
    } catch {
      return signal.aborted;
    }
  };
  const ended = new Set<string>();
  const ends = (object: KubeObject): void => {
    const { uid = '' } = object.metadata;
    if (!note(object) || ended.has(uid)) return;
    ended.add(uid);
    end(object).catch(() => undefined);
  };
  for (const watching of [follow('v1', 'ConfigMap', note), follow('batch/v1', 'Job', ends)])
    watching.catch((error: unknown) => {
      if (!signal.aborted) failed(error);
    });
  return {
    runs: () => uidsOf.size,
    doubles: () => [...uidsOf].flatMap(([run, { size }]) => (size > 1 ? [`${run}: ${size} objects`] : [])),
  };
}
