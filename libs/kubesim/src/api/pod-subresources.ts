import { conflictError, noRouteError, notFoundError } from '../errors/api-error.ts';
import { asked, reviewOf, validated } from '../admission/admitted.ts';
import { boundPod } from '../kinds/bound-pod.ts';
import { storeKey } from '../cluster/prepare.ts';
import { readBack } from '../cluster/read-back.ts';
import type { Target, WriteOptions } from '../cluster/target.ts';
import { textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { recordUpdate } from '../merge/managed-fields.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchNamespace } from './objects.ts';
import { writeQuery } from './options.ts';
import { readObject } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST of a binding: puts a pod on a node, once. */
export async function bindPod(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  await bind(state, target, { object: await readBinding(state, target, exchange), exchange });
}

/** POST of a binding by its older path, where it has the name of the pod. */
export async function bindByName(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const pods = state.registry.find('', 'v1', 'pods');
  if (pods === undefined) throw noRouteError();
  const place = { ...target, resource: pods, subresource: 'binding' };
  const object = await readBinding(state, place, exchange);
  await bind(state, { ...place, name: object.metadata.name ?? '' }, { object, exchange });
}

async function readBinding(state: ServerState, target: Target, exchange: Exchange): Promise<KubeObject> {
  const { object } = readObject(await exchange.body(), bodyKind(state, target), 'Ignore');
  matchNamespace(target, object);
  return object;
}

async function bind(
  state: ServerState,
  target: Target,
  { object, exchange }: { readonly object: KubeObject; readonly exchange: Exchange },
): Promise<void> {
  const kind = bodyKind(state, target);
  const options = askedOptions(exchange);
  const review = reviewOf(target, options, undefined);
  const owned = recordUpdate({
    ...{ live: undefined, updated: object, manager: options.manager, subresource: target.subresource },
    ...{ schema: kind.schema, apiVersion: object.apiVersion, resetFields: undefined, nowMs: state.nowMs() },
  });
  const binding = await state.reviewer.pass(asked(review, owned));
  await state.reviewer.pass(validated(review, binding));
  const node = textAt(binding, 'target', 'name') ?? '';
  const from = (live: KubeObject) => {
    const present = textAt(live, 'spec', 'nodeName') ?? '';
    if (present !== '') {
      const why = `pod ${target.name} is already assigned to node "${present}"`;
      throw conflictError({ group: '', name: 'pods/binding' }, target.name, why);
    }
    return boundPod(live, node, state.nowMs());
  };
  // The binding writes more than an update of a pod may: it goes through the status strategy, which keeps less.
  const stored = state.store.get(storeKey(target.resource, target.namespace, target.name));
  if (stored === undefined) throw notFoundError(target.resource, target.name);
  const key = storeKey(target.resource, target.namespace, target.name);
  state.store.commit(
    key,
    readBack(from(stored), target.resource.schema, stored),
    stored.metadata.resourceVersion ?? '',
  );
  exchange.answer(201, done);
}

/** How something is asked for that is not stored. */
function askedOptions(exchange: Exchange): WriteOptions {
  const { userAgent } = exchange;
  const query = writeQuery(exchange.query, 'CreateOptions', { userAgent, isApply: false });
  return writeOptionsOf(exchange, query, 'CreateOptions');
}
