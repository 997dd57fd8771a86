import type { FieldDrift } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { managedFieldsOf, ownsPath } from './field-set.ts';
import type { FieldSet, ManagedFields } from './field-set.ts';
import type { ProjectedField, Projection } from './project.ts';

/** Most field differences that a report carries. */
const maxFieldDrifts = 20;

const longestValue = 200;

/** Keys of maps may be as long as an object. */
const longestPath = 500;

/** What `diffProjection` may be told. */
export interface DiffOptions {
  /** The fields that the applying manager owns in the live object now; finds changes inside values that were applied empty. */
  readonly ownedNow?: FieldSet | undefined;
}

/**
 * The fields whose values differ between the projection of what was applied and that of the live object, at most
 * `maxFieldDrifts`, in path order of the first. Pass `kind` so that values of a Secret are masked.
 */
export function diffProjection(
  applied: Projection,
  live: Projection,
  kind: string,
  options: DiffOptions = {},
): readonly FieldDrift[] {
  return differingFields(applied, live, options)
    .slice(0, maxFieldDrifts)
    .map(({ path, value }) => shownDifference(path, { desired: value, live: live.get(path)?.value }, kind));
}

/** A field with two values as canonical JSON, undefined for none, as it is reported: bounded, and masked for the kind Secret. */
export function shownDifference(
  path: string,
  { desired, live }: { readonly desired: string | undefined; readonly live: string | undefined },
  kind: string,
): FieldDrift {
  return { path: clipped(path, longestPath), desired: shown(desired, kind), live: shown(live, kind) };
}

/** The applied fields that the live object does not have as they were applied. */
export function differingFields(
  applied: Projection,
  live: Projection,
  options: DiffOptions = {},
): readonly ProjectedField[] {
  return [...applied.values()].filter((field) =>
    differs(field, live.get(field.path)?.value, options.ownedNow),
  );
}

/**
 * Others may add fields below a map that was applied empty; the server keeps both and applying again would not remove them.
 * Where the empty value is atomic (a NetworkPolicy's podSelector), changing it takes the ownership away: that is drift.
 */
function differs(field: ProjectedField, live: string | undefined, ownedNow: FieldSet | undefined): boolean {
  if (field.value === live) return false;
  const appliedEmpty = field.value === '{}' || field.value === '[]';
  if (!appliedEmpty || live === undefined) return true;
  return ownedNow !== undefined && !ownsPath(ownedNow, field.elements);
}

function shown(value: string | undefined, kind: string): string {
  if (value === undefined) return 'absent';
  if (kind === 'Secret') return '***';
  return clipped(value, longestValue);
}

function clipped(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/**
 * The field manager that made the fields differ: the one that owns any of them now, the latest when there are several.
 * A manager that only removed a field owns nothing; then the latest one that wrote after `applier` did is named, and
 * `unknown` when nobody did. The manager's name only, without its subresource. `updates`: the applier writes by updates, too.
 */
export function attribute(
  live: KubeObject,
  fields: readonly ProjectedField[],
  applier: string,
  { updates = false }: { readonly updates?: boolean } = {},
): string {
  const entries = managedFieldsOf(live);
  const isOwn = ({ manager, operation }: ManagedFields): boolean =>
    manager === applier && (updates || operation === 'Apply');
  const others = entries.filter((entry) => !isOwn(entry));
  const owners = others.filter((entry) => fields.some((field) => ownsPath(entry.fields, field.elements)));
  const owner = latest(owners);
  if (owner) return owner.manager;
  const own = latest(entries.filter(isOwn));
  const writers = others.filter((entry) => entry.subresource !== 'status' && entry.time > (own?.time ?? ''));
  return latest(writers)?.manager ?? 'unknown';
}

function latest(entries: readonly ManagedFields[]): ManagedFields | undefined {
  return entries.reduce<ManagedFields | undefined>(
    (best, entry) => (best && best.time >= entry.time ? best : entry),
    undefined,
  );
}
