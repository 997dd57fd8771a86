import type { Target } from '../cluster/target.ts';
import { fromStorage } from '../cluster/writer.ts';
import { storeKey } from '../cluster/prepare.ts';
import { invalidError, notFoundError } from '../errors/api-error.ts';
import { draftOf, isObject, numberAt, objectAt, textAt } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { notNegative } from '../kinds/validation/checks.ts';
import { jsonPatch } from '../merge/json-patch.ts';
import { recordUpdate } from '../merge/managed-fields.ts';
import { mergePatch } from '../merge/merge-patch.ts';
import { withOwnersOfScale, withScaleOwners } from '../merge/scale-fields.ts';
import { selectorText } from './selector-text.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchName } from './objects.ts';
import { writeQuery } from './options.ts';
import type { OptionsKind } from './options.ts';
import { parsePatch, refusedPatch } from './patch.ts';
import { readObject, readTyped } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

/** GET of the scale of an object. */
export function getScale(state: ServerState, target: Target, exchange: Exchange): void {
  const { resource, namespace, name } = target;
  const stored = state.store.get(storeKey(resource, namespace, name));
  if (stored === undefined) throw notFoundError(resource, name);
  exchange.answer(200, scaleOf(fromStorage(stored, resource, state.registry.rulesOf(resource))));
}

/** PUT of a scale. */
export async function replaceScale(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const query = readQuery(exchange, 'UpdateOptions');
  const read = readObject(await exchange.body(), bodyKind(state, target), query.fieldValidation);
  matchName(target, read.object);
  await writeScale(state, target, exchange, { query, wanted: () => read.object });
}

/** PATCH of a scale, by merge, strategy or operations: a scale has no lists, so the first two are the same. */
export async function patchScale(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const query = readQuery(exchange, 'PatchOptions');
  const body = await exchange.body();
  const patch = parsePatch(body.text);
  const patcher = body.type === 'application/json-patch+json' ? jsonPatch : mergePatch;
  const wanted = (live: KubeObject) => {
    const result = patcher(live, patch);
    if (!result.ok) throw refusedPatch(result);
    const tree = isObject(result.value) ? result.value : {};
    return readTyped(tree, bodyKind(state, target), {
      validation: query.fieldValidation,
      duplicates: [],
    }).object;
  };
  await writeScale(state, target, exchange, { query, wanted });
}

function readQuery(exchange: Exchange, kind: OptionsKind) {
  return writeQuery(exchange.query, kind, { userAgent: exchange.userAgent, isApply: false });
}

async function writeScale(
  state: ServerState,
  target: Target,
  exchange: Exchange,
  { query, wanted }: { query: ReturnType<typeof readQuery>; wanted: (live: KubeObject) => KubeObject },
): Promise<void> {
  const { resource } = target;
  const apiVersion = apiVersionOf(resource.group, resource.version);
  const paths = { [apiVersion]: 'spec.replicas' };
  const schema =
    state.registry.schemaOf({ group: 'autoscaling', version: 'v1', kind: 'Scale' }) ?? resource.schema;
  const view = { schema, show: scaleOf, take: withReplicas };
  const options = { ...writeOptionsOf(exchange, query, 'UpdateOptions'), view };
  const from = (live: KubeObject) => {
    const before = withScaleOwners(scaleOf(live), live, paths);
    const scale = wanted(before);
    refuseNegative(scale, target.name);
    const owned = recordUpdate({
      ...{ live: before, updated: scale, manager: query.fieldManager, subresource: target.subresource },
      ...{ schema, apiVersion: scaleVersion, nowMs: state.nowMs(), resetFields: undefined },
    });
    return withOwnersOfScale(withReplicas(live, scale), owned, { apiVersion, paths });
  };
  const { object } = await state.writer.updateReviewed(target, { from }, options);
  exchange.answer(200, scaleOf(object));
}

function refuseNegative(scale: KubeObject, name: string): void {
  const errors = notNegative(numberAt(scale, 'spec', 'replicas'), 'spec.replicas');
  if (errors.length > 0) throw invalidError({ group: 'autoscaling', kind: 'Scale' }, name, errors);
}

function withReplicas(live: KubeObject, scale: KubeObject): KubeObject {
  const changed = draftOf(live);
  const { spec } = changed;
  if (isObject(spec)) spec['replicas'] = numberAt(scale, 'spec', 'replicas') ?? 0;
  const { resourceVersion } = scale.metadata;
  if (resourceVersion !== undefined) changed.metadata.resourceVersion = resourceVersion;
  return changed;
}

const scaleVersion = 'autoscaling/v1';

/** The scale of a workload (autoscaling/v1). */
function scaleOf(object: KubeObject): KubeObject {
  const {
    name = '',
    namespace = '',
    uid = '',
    resourceVersion = '',
    creationTimestamp = '',
  } = object.metadata;
  const selector = selectorOf(object);
  const replicas = numberAt(object, 'spec', 'replicas') ?? 0;
  return {
    kind: 'Scale',
    apiVersion: scaleVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/** The selector as text; that of a replication controller is a plain map of labels. */
function selectorOf(object: KubeObject): string {
  const selector = objectAt(object, 'spec', 'selector') ?? {};
  if (textAt(object, 'kind') !== 'ReplicationController') return selectorText(selector);
  return selectorText({ matchLabels: selector });
}
