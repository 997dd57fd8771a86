import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '@meridian/manifests';
import { parseFieldSet, unionOf } from './field-set.ts';
import type { FieldSet } from './field-set.ts';

/** Who takes fields over, and from whom. */
export interface Adoption {
  /** The manager whose entry of server-side apply gets the fields. */
  readonly by: string;
  /** Whether the fields of a manager are taken over. */
  readonly isAdopted: (manager: string) => boolean;
}

/**
 * The `metadata.managedFields` of an object in which the fields of adopted managers belong to `by`; undefined when there is
 * nothing to take over. By the rules of client-go (util/csaupgrade/upgrade.go): entries of subresources stay as they are,
 * fields are taken over from entries at the same version as ours, and the other entries of the same managers go. Entries of
 * an adopted manager's own server-side applies are taken over too, as Flux has it.
 */
export function adoptFields(object: KubeObject, { by, isAdopted }: Adoption): readonly Json[] | undefined {
  const entries: unknown = object.metadata['managedFields'];
  if (!Array.isArray(entries)) return undefined;
  const known = entries.filter(isJsonObject);
  const own = known.find((entry) => isMain(entry) && isApplier(entry, by));
  if (!own) return undefined;
  const taken = known.filter((entry) => isMain(entry) && entry !== own && isAdopted(managerOf(entry)));
  if (taken.length === 0) return undefined;
  const fields = taken
    .filter((entry) => entry['apiVersion'] === own['apiVersion'])
    .reduce<FieldSet>((all, entry) => unionOf(all, parsed(entry)), parsed(own));
  return known
    .filter((entry) => !taken.includes(entry))
    .map((entry) => (entry === own ? { ...own, fieldsV1: written(fields, true) } : entry));
}

const managerOf = ({ manager }: JsonObject): string => (typeof manager === 'string' ? manager : '');

const isMain = ({ subresource }: JsonObject): boolean => subresource === undefined || subresource === '';

const isApplier = (entry: JsonObject, manager: string): boolean =>
  managerOf(entry) === manager && entry['operation'] === 'Apply';

const parsed = ({ fieldsV1 }: JsonObject): FieldSet => parseFieldSet(fieldsV1);

/** Undoes `parseFieldSet`; the root owns nothing itself. */
function written({ self, children }: FieldSet, isRoot = false): JsonObject {
  const below = [...children].map(([element, set]): [string, JsonObject] => [element, written(set)]);
  const isOwned = self && children.size > 0 && !isRoot;
  return Object.fromEntries(isOwned ? [['.', {}], ...below] : below);
}
