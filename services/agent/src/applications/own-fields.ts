import { attribute, fieldsNamedBy, fieldsOwnedBy } from '@meridian/diff';
import type { DiffOptions, FieldSet, ProjectedField } from '@meridian/diff';
import type { KubeObject } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/prepare.ts';
import { fieldManager } from '../ports.ts';

const nothing: FieldSet = { self: false, children: new Map() };

const isWhole = ({ options }: Pick<DesiredObject, 'options'>): boolean => options.write === 'whole';

/**
 * The fields of an object that others may not change: what we own by apply. Where it is written as a whole nobody tells us
 * what we own, and it is all that the bundle names.
 */
export function ownFields(live: KubeObject, desired: DesiredObject): FieldSet | undefined {
  return isWhole(desired) ? fieldsNamedBy(desired.object) : fieldsOwnedBy(live, fieldManager);
}

/** How a live object is compared with what was written: a map that was written empty as a whole is to stay empty. */
export function comparison(live: KubeObject, desired: DesiredObject): DiffOptions {
  return { ownedNow: isWhole(desired) ? nothing : fieldsOwnedBy(live, fieldManager) };
}

/** Who has changed these fields of an object. */
export function authorOf(
  live: KubeObject,
  fields: readonly ProjectedField[],
  desired: DesiredObject,
): string {
  return attribute(live, fields, fieldManager, { updates: isWhole(desired) });
}
