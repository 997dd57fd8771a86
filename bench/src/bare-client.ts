import { send } from './kube-watch.ts';
import type { ApiServer } from './kube-watch.ts';
import type { SampleObject } from './sample-objects.ts';

/** How many calls a client that only applies has under way at once. */
export const inFlight = 20;

/** Makes a namespace. */
export async function makeNamespace(server: ApiServer, name: string): Promise<void> {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await send(server, 'POST', '/api/v1/namespaces', { type: 'application/json', text });
}

/** Applies objects with 20 calls in flight and does nothing else: the limit of whoever applies them. */
export async function applyAll(
  server: ApiServer,
  objects: readonly SampleObject[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = objects.values();
  const work = async () => {
    for (const { path, object } of waiting) {
      signal.throwIfAborted();
      const body = { type: 'application/apply-patch+yaml', text: JSON.stringify(object) };
      await send(server, 'PATCH', `${path}?fieldManager=bench&force=true`, body);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}
