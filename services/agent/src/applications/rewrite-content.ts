import {
  copyPlaces,
  differingFields,
  fieldsNamedBy,
  managedFieldsOf,
  ownsPath,
  projectFields,
} from '@meridian/diff';
import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { Ignoring } from '../assignments/ignoring.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applicationLabel, fieldManager } from '../ports.ts';
import type { ApplyContent, Written } from './apply-content.ts';
import { contested } from './contested.ts';
import { leftTo } from './left-fields.ts';
import type { Leaving, LeftField } from './left-fields.ts';

/** How often an object is read again because somebody wrote it in between. */
const attempts = 3;

const ownLabel = `metadata.labels[${applicationLabel}]`;

/**
 * Makes an object what the bundle says and nothing else, as `kubectl replace` does: for content that cannot be merged. It is
 * created where it is missing, and never deleted. Values that are left to others are written back as they are.
 */
export async function rewriteContent(given: ApplyContent): Promise<Written> {
  const { kube, content, autoscaler, signal } = given;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const live = await kube.get(content.entry, signal);
    const { object, left } = live
      ? leaveValues(content, live, autoscaler)
      : { object: content.object, left: [] };
    if (live) await stopForOthers(given, live, object);
    const written = await unlessChanged(
      live ? kube.rewrite(live, object, { signal }) : kube.put(object, signal),
    );
    if (written) return { object: written, left, sent: object };
  }
  throw new FaultError('conflict', 'others write it while it is written', { retry: 'later' });
}

/** Undefined when somebody else has written or made the object since it was read. */
async function unlessChanged(write: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof FaultError && error.code === 'conflict') return undefined;
    throw error;
  }
}

/** The content with the live values of what is left to others, and of ignored fields that are to stay as they are. */
export function leaveValues(
  { object, managers, ignoring }: Pick<DesiredObject, 'object' | 'managers' | 'ignoring'>,
  live: KubeObject,
  autoscaler: string | undefined,
): Leaving {
  const left: LeftField[] = [];
  let next: JsonObject = ignoring?.respects === true ? keepIgnored(object, ignoring, live) : object;
  for (const field of projectFields(live, fieldsNamedBy(object)).values()) {
    const to = field.path === ownLabel ? undefined : leftTo(live, field, { managers, ignoring, autoscaler });
    if (to === undefined) continue;
    left.push({ path: field.path, to });
    next = withValueOf(live, next, field.elements);
  }
  const { apiVersion, kind, metadata } = object;
  const changed = isJsonObject(next['metadata']) ? next['metadata'] : {};
  return { object: { ...next, apiVersion, kind, metadata: { ...changed, name: metadata.name } }, left };
}

function keepIgnored(object: KubeObject, ignoring: Ignoring, live: KubeObject): KubeObject {
  const places = [...ignoring.placesIn(object), ...ignoring.placesIn(live)];
  return copyPlaces(object, live, { places, label: applicationLabel });
}

/** A map with the value that another one has at a path of field names. */
function withValueOf(
  other: Json | undefined,
  map: JsonObject,
  [element = '', ...below]: readonly string[],
): JsonObject {
  const name = element.slice('f:'.length);
  const value = isJsonObject(other) ? other[name] : undefined;
  const own = map[name];
  if (below.length > 0) return isJsonObject(own) ? { ...map, [name]: withValueOf(value, own, below) } : map;
  if (value !== undefined) return { ...map, [name]: value };
  return Object.fromEntries(Object.entries(map).filter(([key]) => key !== name));
}

/**
 * Throws when a manager that is stopped for would lose a value. Only a dry run tells values that differ from those that the
 * server fills in.
 */
async function stopForOthers(
  { kube, content, signal }: ApplyContent,
  live: KubeObject,
  object: KubeObject,
): Promise<void> {
  const stops = managedFieldsOf(live).filter(
    ({ manager, subresource }) =>
      manager !== fieldManager && subresource !== 'status' && content.managers.of(manager) === 'fail',
  );
  if (stops.length === 0) return;
  const answer = await unlessChanged(kube.rewrite(live, object, { dryRun: true, signal }));
  if (!answer) return;
  const fields = fieldsNamedBy(object);
  for (const { path, elements } of differingFields(
    projectFields(answer, fields),
    projectFields(live, fields),
  )) {
    const stop = stops.find((entry) => ownsPath(entry.fields, elements));
    if (stop) throw contested({ manager: stop.manager, field: `.${path}` });
  }
}
