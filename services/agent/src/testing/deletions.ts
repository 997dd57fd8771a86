import type { TestPlane } from './plane.ts';
import { until } from './rig.ts';
import type { World } from './world.ts';

/** Follows the ConfigMaps of a world; gives, at the end, the names of those that were deleted meanwhile. */
export async function followDeletions(
  { kube }: TestPlane,
  { namespace }: Pick<World, 'namespace'>,
): Promise<() => Promise<readonly string[]>> {
  const { signal } = new AbortController();
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace };
  const { resourceVersion } = await kube.list(query, signal);
  const ending = new AbortController();
  const gone: string[] = [];
  const seen = new Set<string>();
  const events = kube.watch({
    ...query,
    resourceVersion,
    timeoutSeconds: 120,
    idleTimeoutMs: 120_000,
    signal: ending.signal,
  });
  const following = (async () => {
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      seen.add(event.object.metadata.name);
      if (event.type === 'DELETED') gone.push(event.object.metadata.name);
    }
  })().catch(() => undefined);
  return async () => {
    const last = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'last', namespace } };
    await kube.create(last, { fieldManager: 'test', signal });
    await until('the watch has told all', () => seen.has('last'));
    ending.abort();
    await following;
    return gone;
  };
}
