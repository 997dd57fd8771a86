import { forbidden, invalid, notFound, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, valueAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';
import { choice, given, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { descending } from './paths.ts';

/** The good volumes of a pod by name. */
export type Volumes = ReadonlyMap<string, JsonObject>;

/** What is wrong with how a container mounts volumes, and uses them as devices (ValidateVolumeMounts, ValidateVolumeDevices). */
export function mountErrors(container: JsonObject, path: string, volumes: Volumes): FieldError[] {
  return [
    ...mountsErrors(container, `${path}.volumeMounts`, volumes),
    ...devicesErrors(container, `${path}.volumeDevices`, volumes),
  ];
}

function mountsErrors(container: JsonObject, list: string, volumes: Volumes): FieldError[] {
  const devices = usesOf(container, 'volumeDevices', 'devicePath');
  const seen = new Set<string>();
  return itemsWithPaths(container['volumeMounts'], list).flatMap(([mount, path]) => {
    const [name, target] = [textOf(mount, 'name'), textOf(mount, 'mountPath')];
    const errors = given(name, `${path}.name`);
    if (!volumes.has(name)) errors.push(notFound(`${path}.name`, name));
    errors.push(...given(target, `${path}.mountPath`));
    if (seen.has(target)) errors.push(invalid(`${path}.mountPath`, target, 'must be unique'));
    seen.add(target);
    return [
      ...errors,
      ...clashes([name, path, target], devices, 'mountPath', 'volumeDevices'),
      ...subPathErrors([mount, path], list),
      ...propagationErrors(mount, container, `${list}.mountPropagation`),
      ...recursionErrors(mount, `${list}.recursiveReadOnly`),
    ];
  });
}

/** Which path each volume has in a list of mounts or devices; the last of a name counts. */
function usesOf(container: JsonObject, list: string, field: string): ReadonlyMap<string, string> {
  const items = itemsWithPaths(container[list], '');
  return new Map(items.map(([item]) => [textOf(item, 'name'), textOf(item, field)]));
}

function clashes(
  [name, path, target]: readonly [string, string, string],
  others: ReadonlyMap<string, string>,
  field: string,
  list: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (others.has(name)) errors.push(invalid(`${path}.name`, name, `must not already exist in ${list}`));
  if ([...others.values()].includes(target)) {
    errors.push(invalid(`${path}.${field}`, target, `must not already exist as a path in ${list}`));
  }
  return errors;
}

function subPathErrors([mount, path]: Placed, list: string): FieldError[] {
  const [sub, expression] = [textOf(mount, 'subPath'), textOf(mount, 'subPathExpr')];
  const errors = sub === '' ? [] : descending(sub, `${list}.subPath`);
  if (expression === '') return errors;
  if (sub !== '') {
    const why = 'subPathExpr and subPath are mutually exclusive';
    errors.push(invalid(`${path}.subPathExpr`, expression, why));
  }
  return [...errors, ...descending(expression, `${list}.subPathExpr`)];
}

function propagationErrors(mount: JsonObject, container: JsonObject, path: string): FieldError[] {
  const propagation = mount['mountPropagation'];
  const errors = choice(propagation, path, ['Bidirectional', 'HostToContainer', 'None']);
  const privileged = valueAt(container, 'securityContext', 'privileged') === true;
  if (propagation !== 'Bidirectional' || privileged) return errors;
  const why = 'Bidirectional mount propagation is available only to privileged containers';
  return [...errors, forbidden(path, why)];
}

function recursionErrors(mount: JsonObject, path: string): FieldError[] {
  const mode = mount['recursiveReadOnly'];
  const errors = choice(mode, path, ['Disabled', 'Enabled', 'IfPossible']);
  if (mode !== 'Enabled' && mode !== 'IfPossible') return errors;
  const propagation = mount['mountPropagation'] ?? 'None';
  if (mount['readOnly'] !== true) {
    errors.push(forbidden(path, 'may only be specified when readOnly is true'));
  }
  if (propagation !== 'None') {
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  }
  return errors;
}

function devicesErrors(container: JsonObject, list: string, volumes: Volumes): FieldError[] {
  const mounts = usesOf(container, 'volumeMounts', 'mountPath');
  const seen = { names: new Set<string>(), paths: new Set<string>() };
  return itemsWithPaths(container['volumeDevices'], list).flatMap(([device, path]) => {
    const [name, target] = [textOf(device, 'name'), textOf(device, 'devicePath')];
    const errors = [
      ...deviceNameErrors(name, `${path}.name`, { names: seen.names, volumes }),
      ...devicePathErrors(target, `${path}.devicePath`, seen.paths),
      ...clashes([name, path, target], mounts, 'devicePath', 'volumeMounts'),
    ];
    if (name !== '') seen.names.add(name);
    return errors;
  });
}

function deviceNameErrors(
  name: string,
  path: string,
  { names, volumes }: { readonly names: ReadonlySet<string>; readonly volumes: Volumes },
): FieldError[] {
  const volume = volumes.get(name);
  const errors = given(name, path);
  if (names.has(name)) errors.push(invalid(path, name, 'must be unique'));
  if (volume === undefined) return [...errors, notFound(path, name)];
  if (isObject(volume['persistentVolumeClaim']) || isObject(volume['ephemeral'])) return errors;
  const why = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
  return [...errors, invalid(path, name, why)];
}

function devicePathErrors(target: string, path: string, seen: Set<string>): FieldError[] {
  const errors = target === '' ? [required(path)] : [];
  if (seen.has(target)) errors.push(invalid(path, target, 'must be unique'));
  if (!target.split('/').includes('..')) seen.add(target);
  else errors.push(invalid(path, target, "can not contain backsteps ('..')"));
  return errors;
}
