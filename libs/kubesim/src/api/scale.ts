import type { Target } from '../cluster/target.ts';
import { fromStorage } from '../cluster/writer.ts';
import { storeKey } from '../cluster/prepare.ts';
import { notFoundError } from '../errors/api-error.ts';
import { isObject } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { jsonPatch } from '../merge/json-patch.ts';
import { recordUpdate } from '../merge/managed-fields.ts';
import { mergePatch } from '../merge/merge-patch.ts';
import { withOwnersOfScale, withScaleOwners } from '../merge/scale-fields.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchName } from './objects.ts';
import { refuseExport, writeQuery } from './options.ts';
import type { OptionsKind } from './options.ts';
import { parsePatch, refusedPatch, refuseStrategic } from './patch.ts';
import { scaleShapeOf, scaleVersion } from './scale-shape.ts';
import { readObject, readTyped } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

/** GET of the scale of an object. */
export function getScale(state: ServerState, target: Target, exchange: Exchange): void {
  refuseExport(exchange.query);
  const { resource, namespace, name } = target;
  const stored = state.store.get(storeKey(resource, namespace, name));
  if (stored === undefined) throw notFoundError(resource, name);
  const rules = state.registry.rulesOf(resource);
  exchange.answer(200, scaleShapeOf(resource, rules).answer(fromStorage(stored, resource, rules)));
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
  refuseStrategic(target, body);
  const isStrategic = body.type === 'application/strategic-merge-patch+json';
  const patch = parsePatch(body.text, isStrategic ? 'strategic' : 'merge');
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
  const shape = scaleShapeOf(resource, state.registry.rulesOf(resource));
  const { paths } = shape;
  const schema =
    state.registry.schemaOf({ group: 'autoscaling', version: 'v1', kind: 'Scale' }) ?? resource.schema;
  const view = { schema, show: shape.show, take: shape.take };
  const options = { ...writeOptionsOf(exchange, query, 'UpdateOptions'), view };
  const from = (live: KubeObject) => {
    const before = withScaleOwners(shape.show(live), live, paths);
    const scale = wanted(before);
    shape.check(scale, target.name);
    const owned = recordUpdate({
      ...{ live: before, updated: scale, manager: query.fieldManager, subresource: target.subresource },
      ...{ schema, apiVersion: scaleVersion, nowMs: state.nowMs(), resetFields: undefined },
    });
    return withOwnersOfScale(shape.take(live, scale), owned, { apiVersion, paths });
  };
  const { object } = await state.writer.updateReviewed(target, { from }, options);
  exchange.answer(200, shape.show(object));
}
