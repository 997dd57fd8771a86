import type { Registry } from '../../cluster/registry.ts';
import { internalServerError } from '../../errors/api-error.ts';
import { draftOf, isObject, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { builtInDefaults } from '../../kinds/defaults/built-in-defaults.ts';
import { jsonPatch } from '../../merge/json-patch.ts';
import { decodeObject } from '../../schema/decode.ts';
import type { Decoded } from '../../schema/decode.ts';
import { parseJson } from '../../schema/parse-json.ts';
import type { Resource } from '../../schema/resource.ts';
import { setDefaults } from '../../schema/set-defaults.ts';
import type { Review } from '../review.ts';
import { HookFailure } from './call-hook.ts';
import { asWritten, isOfAnotherKind, servedIn } from './seen-object.ts';

/** Reads a webhook's patch. Throws a HookFailure when it is none. */
export function readHookPatch(patch: string): readonly Json[] {
  if (patch === '') return [];
  const parsed = parseJson(patch);
  if (parsed.ok && parsed.value === null) return [];
  if (parsed.ok && Array.isArray(parsed.value)) return parsed.value;
  const why = parsed.ok
    ? `json: cannot unmarshal ${isObject(parsed.value) ? 'object' : typeof parsed.value} into Go value of type jsonpatch.Patch`
    : parsed.message;
  throw new HookFailure(`received undecodable patch in webhook response: ${why}`);
}

/** What a patch is of. */
export interface Patched {
  readonly object: KubeObject;
  readonly review: Review;
  /** In the version that the webhook saw. */
  readonly resource: Resource;
  readonly registry: Registry;
}

/** What a webhook's patch of what it saw makes of the object of a review. Throws 500 when the patch does not fit. */
export function patchedByHook(seen: KubeObject, operations: readonly Json[], patched: Patched): KubeObject {
  return takenOver(seen, applied(seen, operations), patched);
}

/** The object of a review when what a webhook or policy saw of it has become another tree. Throws 500 when that is no such object. */
export function takenOver(
  seen: KubeObject,
  tree: JsonObject,
  { object, review, resource, registry }: Patched,
): KubeObject {
  const rules = registry.rulesOf(resource);
  const { view } = review;
  if (view !== undefined) {
    const shown = readBack(seen, decodeObject(tree, view.schema));
    const served = servedIn(object, resource, review, registry);
    return asWritten(view.take(served, shown), resource, review, registry);
  }
  if (isOfAnotherKind(seen, resource)) {
    const schema = registry.schemaOf(kindOf(seen.apiVersion, seen.kind)) ?? { kind: 'any' };
    return readBack(seen, decodeObject(tree, schema));
  }
  // Objects of custom kinds have no type to be read by.
  const decoded: Decoded =
    rules.custom === undefined ? decodeObject(tree, resource.schema) : { ok: true, object: tree, strict: [] };
  const changed = readBack(seen, decoded);
  if (rules.custom === undefined) setDefaults(changed, resource.schema, builtInDefaults);
  rules.setDefaults?.(changed);
  return asWritten(changed, resource, review, registry);
}

function readBack({ apiVersion, kind }: KubeObject, decoded: Decoded): KubeObject {
  if (!decoded.ok) throw internalServerError(decoded.message);
  const { metadata } = decoded.object;
  return {
    ...draftOf(decoded.object),
    apiVersion,
    kind,
    metadata: isObject(metadata) ? draftOf(metadata) : {},
  };
}

function applied(seen: KubeObject, operations: readonly Json[]): JsonObject {
  let tree: Json = seen;
  for (const operation of operations) {
    const result = jsonPatch(tree, [operation]);
    if (!result.ok) throw internalServerError(misfit(operation));
    tree = result.value;
  }
  return isObject(tree) ? tree : {};
}

/** How Go's library says that an operation does not fit the object. */
export function misfit(operation: Json): string {
  const op = textAt(operation, 'op') ?? 'unknown';
  const path = textAt(operation, 'path') ?? '';
  const from = textAt(operation, 'from') ?? '';
  const key = path.slice(path.lastIndexOf('/') + 1);
  const told: Readonly<Record<string, string>> = {
    add: `add operation does not apply: doc is missing path: "${path}": missing value`,
    remove: `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`,
    replace: `replace operation does not apply: doc is missing path: ${path}: missing value`,
    move: `move operation does not apply: doc is missing from path: ${from}: missing value`,
    copy: `copy operation does not apply: doc is missing from path: ${from}: missing value`,
    test: `testing value ${path} failed: test failed`,
  };
  return told[op] ?? `Unexpected kind: ${op}`;
}
