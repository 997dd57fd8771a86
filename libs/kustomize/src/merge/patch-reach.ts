import { meetsWay, type FieldWay } from '../transforms/field-way.ts';
import type { Step } from '../build/step.ts';
import { fieldOf, isFields, isList, keyFlaws, type Value } from '../values/value.ts';
import { pointerOf } from './json-document.ts';
import type { Operation } from './json-patch.ts';
import {
  jsonPatchOf,
  patchOf,
  strategicMergesOf,
  type JsonPatchConfig,
  type PatchConfig,
  type StrategicMergeConfig,
} from './patch-sources.ts';

/** Whether an entry of `patches` may read or change one of some fields, whatever object it is for. */
export function patchReaches(ways: readonly FieldWay[], config: PatchConfig, step: Step): boolean {
  const text = patchOf(config, step);
  if (text.kind === 'operations') return operationsReach(ways, text.operations);
  return text.patches.some(({ fields }) => mergeReaches(ways, fields));
}

/** The same of `patchesStrategicMerge`. */
export function strategicMergesReach(
  ways: readonly FieldWay[],
  config: StrategicMergeConfig,
  step: Step,
): boolean {
  return strategicMergesOf(config, step).some(({ fields }) => mergeReaches(ways, fields));
}

/** The same of an entry of `patchesJson6902`. */
export function jsonPatchReaches(ways: readonly FieldWay[], config: JsonPatchConfig, step: Step): boolean {
  return operationsReach(ways, jsonPatchOf(config, step));
}

/** A merge passes on what the patch does not mention, but for fields that tell items and shapes apart; a directive takes it away. */
function mergeReaches(ways: readonly FieldWay[], patch: Value): boolean {
  return ways.some((way) => hasOnWay(patch, way, 0));
}

function hasOnWay(patch: Value, way: FieldWay, at: number): boolean {
  if (isList(patch)) return patch.some((item) => hasOnWay(item, way, at));
  const key = way[at];
  if (key === undefined || !isFields(patch) || patch[keyFlaws]) return true;
  const below = fieldOf(patch, key);
  return below !== undefined && hasOnWay(below, way, at + 1);
}

/** An operation reaches what is on its way and what is below; positions in lists may be any. */
function operationsReach(ways: readonly FieldWay[], operations: readonly Operation[]): boolean {
  return operations.some(
    ({ path, from }) => pointerReaches(ways, path) || (from !== undefined && pointerReaches(ways, from)),
  );
}

function pointerReaches(ways: readonly FieldWay[], written: Operation['path']): boolean {
  const pointer = typeof written === 'string' ? pointerOf(written) : undefined;
  if (!pointer) return true;
  const names = [...pointer.parents, pointer.key].filter(isName);
  return ways.some((way) => meetsWay(way.filter(isName), names));
}

/** Where a pointer says a position in a list, the way to a field says nothing. */
function isName(step: string): boolean {
  return !/^(?:-|[+-]?[0-9]+)$/.test(step);
}
