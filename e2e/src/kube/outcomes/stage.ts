import { setTimeout as wait } from 'node:timers/promises';
import { at, itemsAt } from '../body.ts';
import type { Body } from '../body.ts';
import type { HttpClient } from '../http-client.ts';
import { apiVersionOf, collectionPath } from './resources.ts';

/** How long what a script waits for may take: a minute until a cron job is due, and some more. */
const longestMs = 80_000;

/** One cluster as a script sees it: a namespace of its own, the same name on every cluster. */
export interface Stage {
  readonly namespace: string;
  /** Creates an object of a resource; kind and metadata are filled in. Throws when it is refused. */
  create(resource: string, kind: string, object: Body): Promise<Body>;
  /** Merges a patch into an object or one of its subresources. */
  merge(resource: string, name: string, patch: Body, subresource?: string): Promise<Body>;
  /** Deletes an object with options, such as a propagation policy. */
  remove(resource: string, name: string, options?: Body): Promise<void>;
  /** Sends anything; whatever comes back is the answer. */
  send(method: string, path: string, body?: Body): Promise<{ readonly status: number; readonly body: Body }>;
  /** The object of a name, undefined when there is none. */
  get(resource: string, name: string): Promise<Body | undefined>;
  list(resource: string): Promise<Body[]>;
  /** Waits until an object is as told. Throws with the object when that takes too long. */
  until(resource: string, name: string, holds: (object: Body | undefined) => boolean): Promise<void>;
  /** Waits until a list is as told. Throws with the list when that takes too long. */
  untilAll(resource: string, holds: (objects: readonly Body[]) => boolean): Promise<void>;
}

/** Opens a namespace of a cluster for a script, making it. */
export async function openStage(client: HttpClient, namespace: string): Promise<Stage> {
  const send: Stage['send'] = async (method, path, body) => {
    const type = method === 'PATCH' ? { type: 'application/merge-patch+json' } : {};
    const answer = await client.send(method, path, { ...type, ...(body && { body }) });
    return { status: answer.status, body: JSON.parse(answer.text) as Body };
  };
  const demand: typeof send = async (method, path, body) => {
    const answer = await send(method, path, body);
    if (answer.status < 400) return answer;
    throw new Error(`${method} ${path} was refused: ${JSON.stringify(answer.body)}`);
  };
  const path = (resource: string, name: string) => `${collectionPath(resource, namespace)}/${name}`;
  const get: Stage['get'] = async (resource, name) => {
    const answer = await send('GET', path(resource, name));
    return answer.status === 200 ? answer.body : undefined;
  };
  const list: Stage['list'] = async (resource) => {
    const answer = await demand('GET', collectionPath(resource, namespace));
    return itemsAt(answer.body, 'items') as Body[];
  };
  await demand('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  return {
    namespace,
    send,
    get,
    list,
    async create(resource, kind, object) {
      const body = { apiVersion: apiVersionOf(resource), kind, ...object };
      return (await demand('POST', collectionPath(resource, namespace), body)).body;
    },
    async merge(resource, name, patch, subresource) {
      const suffix = subresource === undefined ? '' : `/${subresource}`;
      return (await demand('PATCH', `${path(resource, name)}${suffix}`, patch)).body;
    },
    async remove(resource, name, options) {
      await demand('DELETE', path(resource, name), options);
    },
    until: (resource, name, holds) => untilSeen(() => get(resource, name), holds, `${resource} ${name}`),
    untilAll: (resource, holds) => untilSeen(() => list(resource), holds, resource),
  };
}

async function untilSeen<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  what: string,
): Promise<void> {
  const giveUpAt = performance.now() + longestMs;
  for (let seen = await look(); !holds(seen); seen = await look()) {
    if (performance.now() > giveUpAt) throw new Error(`${what} stays ${JSON.stringify(seen, null, 1)}`);
    await wait(100);
  }
}

/** The status of the condition of a type, undefined when there is none. */
export function condition(object: unknown, type: string): Body | undefined {
  return itemsAt(object, 'status.conditions').find((one): one is Body => at(one, 'type') === type);
}
