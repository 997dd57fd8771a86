import { defineMember, isObject, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { memberNames, removeMember } from './members.ts';
import { goJsonType, PatchRefusal, patchResultOf } from './patch-result.ts';
import type { PatchResult } from './patch-result.ts';

/** Applies a JSON merge patch (RFC 7386) as the API server does. */
export function mergePatch(target: Json, patch: Json): PatchResult {
  return patchResultOf(() => {
    if (patch === null) throw new PatchRefusal(400, 'Invalid JSON Patch');
    if (!isObject(patch)) {
      throw new PatchRefusal(
        400,
        `error decoding patch: json: cannot unmarshal ${goJsonType(patch)} into Go value of type map[string]interface {}`,
      );
    }
    return merged(target, patch);
  });
}

function merged(current: Json, patch: Json): Json {
  if (!isObject(current)) return withoutNulls(patch);
  return isObject(patch) ? mergedObjects(current, patch) : patch;
}

function mergedObjects(current: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...current };
  for (const name of memberNames(patch)) {
    const change = patch[name] ?? null;
    if (change === null) removeMember(result, name);
    else defineMember(result, name, merged(memberOf(current, name) ?? null, change));
  }
  return result;
}

/** Null means absent, at any depth of what is new; items of a list that are null stay, for they hold a place. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const name of memberNames(value)) {
    const member = value[name] ?? null;
    if (member !== null) defineMember(result, name, withoutNulls(member));
  }
  return result;
}
