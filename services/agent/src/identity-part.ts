import { backoffMs } from '@meridian/retry';
import { errorText } from '@meridian/runtime';
import type { Part } from '@meridian/runtime';
import { loopPart } from './loop-part.ts';
import type { OwnClusterConfig } from './own-cluster.ts';
import type { KubePort } from './ports.ts';

const identityPatienceMs = 2_000;
const identityRetry = { firstMs: 500, factor: 2, capMs: 30_000 };

/** Asks the cluster who it is, as long as it takes, and notes it in `identity`. */
export function identityPart(
  kube: () => KubePort,
  identity: { clusterUid: string; kubernetesVersion: string },
  { clock, random, log }: OwnClusterConfig,
): Part {
  const known = Promise.withResolvers<void>();
  const loop = loopPart('cluster identity', async (signal) => {
    for (let attempt = 0; !signal.aborted && identity.clusterUid === ''; attempt += 1) {
      try {
        Object.assign(identity, await kube().identity(signal));
      } catch (error) {
        if (!signal.aborted) log.warn({ error: errorText(error) }, 'the cluster does not say who it is');
        await clock.wait(backoffMs(identityRetry, attempt, random()), signal);
      }
    }
    known.resolve();
  });
  return {
    ...loop,
    async start(context) {
      await loop.start(context);
      // The link, which starts next, tells it once per attach; a cluster that is away must not hold it back for long.
      await Promise.race([known.promise, clock.wait(identityPatienceMs, context.signal)]);
    },
  };
}
