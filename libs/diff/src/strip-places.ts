import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject, Step } from '@meridian/manifests';

/** Places as a tree; a place without others below it goes as a whole. */
interface Branch {
  readonly below: Map<Step, Branch>;
  isWhole: boolean;
}

/** A label that an object is known by. */
export interface KeptLabel {
  readonly label: string;
}

/**
 * The object without the fields at some places. What it is known by stays: apiVersion, kind, name, namespace and one label.
 */
export function stripPlaces(
  object: KubeObject,
  places: readonly (readonly Step[])[],
  { label }: KeptLabel,
): KubeObject {
  if (places.length === 0) return object;
  const root: Branch = { below: new Map(), isWhole: false };
  for (const place of places) grow(root, place);
  root.isWhole = false;
  const stripped = strip(object, root);
  return withIdentity(isJsonObject(stripped) ? stripped : {}, object, label);
}

/** The content under what the object is known by. */
export function withIdentity(content: JsonObject, object: KubeObject, label: string): KubeObject {
  const { apiVersion, kind } = object;
  const { name, namespace, labels } = object.metadata;
  const metadata = isJsonObject(content['metadata']) ? content['metadata'] : {};
  const own = labels?.[label];
  return {
    ...content,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(own === undefined ? {} : { labels: { ...textsOf(metadata['labels']), [label]: own } }),
    },
  };
}

function textsOf(labels: Json | undefined): { readonly [name: string]: string } {
  if (!isJsonObject(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

function grow(root: Branch, place: readonly Step[]): void {
  let here = root;
  for (const step of place) {
    const known = here.below.get(step);
    const next = known ?? { below: new Map<Step, Branch>(), isWhole: false };
    if (!known) here.below.set(step, next);
    here = next;
  }
  here.isWhole = true;
}

function strip(value: Json, branch: Branch): Json {
  if (branch.below.size === 0) return value;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    return items.flatMap((item, index) => remaining(item, branch.below.get(index)));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) =>
      remaining(field, branch.below.get(name)).map((rest) => [name, rest]),
    ),
  );
}

/** In a list of one, or in an empty one when nothing remains. */
function remaining(value: Json, branch: Branch | undefined): readonly Json[] {
  if (!branch) return [value];
  return branch.isWhole ? [] : [strip(value, branch)];
}
