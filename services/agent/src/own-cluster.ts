import { watchKind } from '@meridian/kube';
import type { KindEvent, Kube } from '@meridian/kube';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { fieldManager } from './ports.ts';
import type { KindRef, KubeNote, KubePort, Log } from './ports.ts';

/** What the adapter needs besides the connection. */
export interface OwnClusterConfig {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The engine's view of the cluster that the agent lives in. */
export function openOwnCluster(kube: Kube, { clock, random, log }: OwnClusterConfig): KubePort {
  return {
    async identity(signal) {
      const [clusterUid, version] = await Promise.all([kube.clusterUid(signal), kube.serverVersion(signal)]);
      return { clusterUid, kubernetesVersion: version.gitVersion };
    },
    async isNamespaced({ apiVersion, kind }, signal) {
      return (await kube.discover(signal)).find(apiVersion, kind)?.namespaced;
    },
    get: (ref, signal) => kube.get(ref, signal),
    list: async (query, signal) => (await kube.list(query, signal)).items,
    async apply(object, { dryRun = false, signal }) {
      return (await kube.apply(object, { fieldManager, force: true, dryRun, signal })).object;
    },
    remove: (ref, uid, signal) => kube.remove(ref, { uid, signal }),
    async *watch({ apiVersion, kind }: KindRef, labelSelector, signal) {
      for await (const event of watchKind(kube, { apiVersion, kind, labelSelector, signal, clock, random })) {
        if (event.type === 'error') {
          const { error, retryInMs } = event;
          log.warn(
            { object: `${apiVersion}/${kind}`, error: errorText(error), durationMs: retryInMs },
            'watch is interrupted',
          );
          continue;
        }
        yield noteOf(event);
      }
    },
    put(object, signal) {
      const options = { fieldManager, signal };
      return object.metadata.resourceVersion === undefined
        ? kube.create(object, options)
        : kube.replace(object, options);
    },
  };
}

function noteOf(event: Exclude<KindEvent, { type: 'error' }>): KubeNote {
  switch (event.type) {
    case 'synced':
      return { type: 'synced' };
    case 'applied':
      return { type: 'changed', object: event.object };
    case 'deleted': {
      const { apiVersion, kind, metadata } = event.object;
      return { type: 'deleted', object: { apiVersion, kind, metadata: { ...metadata } } };
    }
  }
}
