import { refuse } from '../refusal.ts';
import type { Gvk } from '../resources/id.ts';
import type { Place } from '../build/step.ts';

/** A field in objects of some kinds (api/types/fieldspec.go). An empty group, version or kind stands for any. */
export interface FieldSpec extends Gvk {
  /** Steps parted by `/`; `\/` is a slash inside a step; a step that ends in `[]` is never created. */
  readonly path: string;
  /** Make the field where it is absent. */
  readonly create: boolean;
}

/** Some objects may name others: whom, and in which fields (builtinconfig.NameBackReferences). */
export interface NameBackReferences extends Gvk {
  readonly fieldSpecs: readonly FieldSpec[];
}

/** A field spec in short: `kind.version.group`, each of which may be left out, with `create` as the last word. */
export function fieldSpec(path: string, where = '', create = false): FieldSpec {
  const [kind = '', version = '', ...group] = where.split('.');
  return { kind, version, group: group.join('.'), path, create };
}

/** Whether a kind is one that a selector means; what a selector leaves empty fits any (resid.Gvk.IsSelected). */
export function isSelected(gvk: Gvk, selector: Gvk): boolean {
  return (
    (selector.group === '' || selector.group === gvk.group) &&
    (selector.version === '' || selector.version === gvk.version) &&
    (selector.kind === '' || selector.kind === gvk.kind)
  );
}

/**
 * Field specs with others added. One that is there already, or that a narrower one of the same path stands for, is left
 * out; two that differ in `create` only are refused (FsSlice.MergeAll). The same list when nothing is added.
 */
export function mergeFieldSpecs(
  specs: readonly FieldSpec[],
  added: readonly FieldSpec[],
  place: Place,
): readonly FieldSpec[] {
  if (specs === added) return specs;
  let merged: FieldSpec[] | undefined;
  for (const spec of added) {
    const same = (merged ?? specs).find((each) => each.path === spec.path && isSelected(each, spec));
    if (same && same.create !== spec.create) refuseConflict(spec, place);
    if (same) continue;
    merged ??= [...specs];
    merged.push(spec);
  }
  return merged ?? specs;
}

/** Comparisons of specs that are made in the time that it takes to look for a field. */
const comparisonsPerLook = 16;

/** What it takes to add specs to others, each held against each, as a number of fields that are looked for. */
export function addingLooks(specs: readonly unknown[], added: readonly unknown[]): number {
  return specs === added ? 0 : (added.length * (specs.length + added.length)) / comparisonsPerLook;
}

function refuseConflict(spec: FieldSpec, place: Place): never {
  refuse({
    ...place,
    message: `two field specs for ${spec.path}${spec.kind === '' ? '' : ` of ${spec.kind}`} disagree about create`,
    fix: `write create: ${String(!spec.create)}, or name another kind or path`,
  });
}
