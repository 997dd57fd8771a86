import type { Resources, Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { rememberingId, type Resource } from '../resources/resource.ts';
import { compileSelector, type Selector } from '../resources/selection.ts';
import type { Fields } from '../values/value.ts';
import type { Operation } from './json-patch.ts';
import type { MergeRequest } from './merge-into.ts';
import { mergeById, mergeIntoChosen, targetOf } from './merge-targets.ts';
import { withTexts } from './metadata-texts.ts';
import { operatedOn } from './operate-on.ts';
import { warnOfMerge, warnOfNullTexts, warnOfOperations } from './patch-lint.ts';
import {
  jsonPatchOf,
  patchOf,
  strategicMergesOf,
  type JsonPatchConfig,
  type PatchConfig,
  type StrategicMergeConfig,
} from './patch-sources.ts';

/**
 * Applies one entry of `patches` (PatchTransformer): an object that is merged into the one with its id or into every
 * target, or operations on every target. Refuses text that is neither, a patch without anything to patch, a JSON patch
 * without a target and several objects with one.
 */
export function applyPatches(resources: Resources, config: PatchConfig, step: Step): Resources {
  const text = patchOf(config, step);
  if (text.kind === 'operations')
    return operateOnTargets(resources, { config, operations: text.operations }, step);
  return config.target
    ? mergeIntoTargets(resources, text.patches, { config, step })
    : mergeByIds(resources, text.patches, { config, step });
}

interface Entry {
  readonly config: PatchConfig;
  readonly step: Step;
}

function mergeIntoTargets(
  resources: Resources,
  patches: readonly Resource[],
  { config, step }: Entry,
): Resources {
  const isTarget = compileSelector(config.target ?? {}, step.place);
  const [patch] = patches;
  if (!patch) return resources;
  if (patches.length > 1)
    refuse({
      ...step.place,
      message: `the patch has a target and ${patches.length} objects`,
      fix: 'write one entry for each object, or leave out the target',
    });
  const chosen = new Set(resources.filter(isTarget));
  return mergeIntoChosen(resources, chosen, warned(requestOf(patch.fields, config, step), step));
}

function mergeByIds(resources: Resources, patches: readonly Resource[], { config, step }: Entry): Resources {
  const requests = patches.map((source) => ({ ...requestOf(source.fields, config, step), source }));
  return mergeById(resources, { requests, step });
}

/** Merges objects into those with their ids (PatchStrategicMergeTransformer); an id that fits none or several is refused. */
export function applyStrategicMerges(
  resources: Resources,
  config: StrategicMergeConfig,
  step: Step,
): Resources {
  let after = resources;
  for (const patch of strategicMergesOf(config, step)) {
    step.visit(after.length);
    const target = targetOf(after, patch, step);
    const chosen = new Set(target ? [target] : []);
    after = mergeIntoChosen(after, chosen, warned(requestOf(patch.fields, {}, step), step));
  }
  return after;
}

function requestOf(patch: Fields, { options = {} }: PatchConfig, step: Step): MergeRequest {
  warnOfMerge(patch, step);
  const allowsName = isAllowed(options, 'allowNameChange', step);
  const allowsKind = isAllowed(options, 'allowKindChange', step);
  // Kustomize notes what is allowed among the annotations of the patch, which become texts by that.
  const noted = allowsName || allowsKind ? withTexts(patch, 'annotations') : patch;
  return { patch: noted, allowsName, allowsKind, schema: step.schema, place: step.place, warn: step.warn };
}

/** Options are free words in 5.5; in 5.8 they are fields, whose names Go takes whatever their case. */
function isAllowed(
  options: { readonly [option: string]: boolean },
  name: string,
  { profile }: Step,
): boolean {
  const exact = options[name];
  if (exact !== undefined || profile === '5.5') return exact ?? false;
  return Object.entries(options).some(
    ([written, allowed]) => allowed && written.toLowerCase() === name.toLowerCase(),
  );
}

function warned(request: MergeRequest, step: Step): MergeRequest {
  warnOfNullTexts(request.patch, step);
  return request;
}

/** Applies operations to every target (PatchJson6902Transformer); the target must have a name. */
export function applyJsonPatches(resources: Resources, config: JsonPatchConfig, step: Step): Resources {
  const { target } = config;
  if ((target?.name ?? '') === '' || !target)
    refuse({ ...step.place, message: 'the JSON patch has no target with a name', fix: 'add target.name' });
  const operations = jsonPatchOf(config, step);
  return operated(resources, { target, operations, isRemembered: false }, step);
}

function operateOnTargets(
  resources: Resources,
  { config, operations }: { readonly config: PatchConfig; readonly operations: readonly Operation[] },
  step: Step,
): Resources {
  const { target } = config;
  if (!target)
    refuse({ ...step.place, message: 'the JSON patch has no target', fix: 'add target with kind and name' });
  return operated(resources, { target, operations, isRemembered: true }, step);
}

interface Operating {
  readonly target: Selector;
  readonly operations: readonly Operation[];
  /** Whether the present ids stay reachable, which only `patches` does. */
  readonly isRemembered: boolean;
}

function operated(
  resources: Resources,
  { target, operations, isRemembered }: Operating,
  step: Step,
): Resources {
  const isTarget = compileSelector(target, step.place);
  warnOfOperations(operations, step);
  const request = { operations, profile: step.profile, place: step.place };
  return mapped(resources, (each) => {
    if (!isTarget(each)) return each;
    return operatedOn(isRemembered ? rememberingId(each) : each, request);
  });
}

function mapped(resources: Resources, change: (resource: Resource) => Resource): Resources {
  const after = resources.map(change);
  return after.every((each, index) => each === resources[index]) ? resources : after;
}
