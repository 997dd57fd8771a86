import { CelFault } from '@meridian/cel';
import type { Registry } from '../../cluster/registry.ts';
import { internalServerError } from '../../errors/api-error.ts';
import { isObject, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { jsonPatch } from '../../merge/json-patch.ts';
import { layOver } from '../../merge/merge-objects.ts';
import { typeErrors } from '../../merge/type-errors.ts';
import { decodeObject } from '../../schema/decode.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Review } from '../review.ts';
import { misfit, takenOver } from '../webhooks/hook-patch.ts';
import { inVersion, isOfAnotherKind } from '../webhooks/seen-object.ts';
import { atomicPaths } from './atomic-paths.ts';
import { jsonOf } from './cel/cel-value.ts';
import { Composed, typeMismatches } from './cel/composed.ts';
import type { Seen } from './cel/run-expression.ts';
import type { PolicyMutation } from './policy.ts';

/** Why a mutation could not be made. */
export class MutationFault extends Error {}

/** The write whose object a mutation changes, and the version in which the policy sees it. */
export interface Mutated {
  readonly object: KubeObject;
  readonly review: Review;
  readonly resource: Resource;
  readonly registry: Registry;
}

/** The object of a write as one mutation of a policy leaves it. Throws MutationFault, or ApiError when it is no such object then. */
export function applyMutation(
  { kind, expression }: PolicyMutation,
  seen: Seen,
  mutated: Mutated,
): KubeObject {
  const outcome = expression.run(seen);
  if (!outcome.ok) throw new MutationFault(outcome.message);
  const { object, resource, review, registry } = mutated;
  const shown = inVersion(object, resource, review, registry) ?? object;
  // What a subresource shows has no type in the documents of its group.
  const schema = review.view === undefined && !isOfAnotherKind(shown, resource) ? resource.schema : undefined;
  const tree =
    kind === 'JSONPatch'
      ? patched(shown, outcome.value, resource.custom ? undefined : schema)
      : configured(shown, outcome.value, schema);
  return tree === undefined ? object : takenOver(shown, tree, mutated);
}

/** What an apply configuration makes of an object: its fields are merged as in a server-side apply. */
function configured(shown: KubeObject, value: unknown, schema: Schema | undefined): JsonObject {
  refuseMismatch(value, 'Object');
  const said = asJson(value);
  const { apiVersion, kind } = shown;
  if (schema === undefined) {
    const { group, version } = kindOf(apiVersion, kind);
    throw untyped(`no corresponding type for ${group}/${version}, Kind=${kind}`);
  }
  const patch: JsonObject = { ...(isObject(said) ? said : {}), apiVersion, kind };
  const errors = typeErrors(patch, schema, 'refused');
  if (errors !== undefined) {
    throw new MutationFault(
      `error applying patch: failed to convert patch object to typed object: ${errors}`,
    );
  }
  const atoms = atomicPaths(patch, schema);
  if (atoms.length > 0) {
    const which = `may not mutate atomic arrays, maps or structs: ${atoms.join(', ')}`;
    throw new MutationFault(`error applying patch: invalid ApplyConfiguration: ${which}`);
  }
  const merged = layOver(shown, patch, schema);
  return isObject(merged) ? merged : shown;
}

function untyped(why: string): MutationFault {
  return new MutationFault(`error applying patch: failed to convert patch object to typed object: ${why}`);
}

/** What JSON patches make of an object; undefined when one tests for what is not so. Built-in kinds have no unknown fields. */
function patched(shown: KubeObject, value: unknown, schema: Schema | undefined): JsonObject | undefined {
  let tree: Json = shown;
  for (const operation of Array.isArray(value) ? value.map(operationOf) : []) {
    const result = jsonPatch(tree, [operation]);
    if (!result.ok && textAt(operation, 'op') === 'test') return undefined;
    if (!result.ok) throw new MutationFault(`JSON Patch: ${misfit(operation)}`);
    tree = result.value;
  }
  if (!isObject(tree)) return shown;
  refuseUnknown(tree, schema);
  return tree;
}

function refuseUnknown(tree: JsonObject, schema: Schema | undefined): void {
  const decoded = schema === undefined ? undefined : decodeObject(tree, schema);
  if (decoded?.ok !== true || decoded.strict.length === 0) return;
  throw internalServerError(`strict decoding error: ${decoded.strict.join(', ')}`);
}

function operationOf(composed: unknown): Json {
  if (!(composed instanceof Composed)) throw new MutationFault('type mismatch: no JSONPatch');
  const value = composed.fields.get('value');
  if (value instanceof Composed) refuseMismatch(value, value.type);
  return asJson(composed);
}

function refuseMismatch(value: unknown, path: string): void {
  const mismatches = typeMismatches(value, path);
  if (mismatches.length > 0) throw new MutationFault(`type mismatch: ${mismatches.join('\n')}`);
}

function asJson(value: unknown): Json {
  try {
    return jsonOf(value);
  } catch (error) {
    if (error instanceof CelFault) throw new MutationFault(error.message);
    throw error;
  }
}
