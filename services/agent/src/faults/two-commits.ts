import type { Kube } from '@meridian/kube';
import type { KubeObject } from '@meridian/manifests';
import { configMap, until } from '../testing/rig.ts';

const names = Array.from({ length: 20 }, (_, index) => `c${index + 10}`);

/** What a story has before something goes wrong. */
export const firstCommit: readonly KubeObject[] = [
  ...names.map((name) => configMap(name)),
  configMap('goes'),
];

/** What is published meanwhile: all change but one that goes and one that comes. */
export const secondCommit: readonly KubeObject[] = [
  ...names.map((name) => configMap(name, { key: 'new' })),
  configMap('comes', { key: 'new' }),
];

/** Data by name once the second commit is in place. */
export const secondData: { readonly [name: string]: unknown } = Object.fromEntries(
  secondCommit.map(({ metadata, ...rest }) => [metadata.name, rest['data']]),
);

/** All that a watch tells of makings and deletions on the way from the first commit to the second. */
export const comingsAndGoings: readonly string[] = ['ADDED comes', 'DELETED goes'];

/** Data by name of the ConfigMaps of a namespace. */
export async function dataIn(
  kube: Kube,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly [name: string]: unknown }> {
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace }, signal);
  return Object.fromEntries(items.map(({ metadata, ...rest }) => [metadata.name, rest['data']]));
}

/**
 * Hears through a watch of its own when ConfigMaps of a namespace are made and deleted. The function that it gives waits for
 * the last of these, for half a minute at most, ends the watch and gives all of them in the order of their names.
 */
export async function tally(
  kube: Kube,
  namespace: string,
  signal: AbortSignal,
): Promise<(last: string) => Promise<readonly string[]>> {
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace };
  const { resourceVersion } = await kube.list(query, signal);
  const ending = new AbortController();
  const seen: string[] = [];
  const options = {
    resourceVersion,
    timeoutSeconds: 600,
    idleTimeoutMs: 600_000,
    signal: AbortSignal.any([signal, ending.signal]),
  };
  const events = kube.watch({ ...query, ...options });
  const following = (async () => {
    for await (const event of events)
      if (event.type === 'ADDED' || event.type === 'DELETED')
        seen.push(`${event.type} ${event.object.metadata.name}`);
  })().catch(() => undefined);
  return async (last) => {
    try {
      await until(`the watch has told ${last}`, () => seen.includes(last));
    } finally {
      ending.abort();
      await following;
    }
    return [...seen].sort();
  };
}
