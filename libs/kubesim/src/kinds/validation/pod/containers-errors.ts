import { duplicate, forbidden, invalid, notFound, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, numberAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';
import { containerErrors } from './container-errors.ts';
import type { Surroundings } from './container-errors.ts';
import { namesOf, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { healthErrors } from './probe-errors.ts';
import { restartErrors } from './restart-errors.ts';

/** What is wrong with the containers of a pod: those that run, those that start it, and those that look into it. */
export function containersErrors(spec: JsonObject, path: string, around: Surroundings): FieldError[] {
  return [
    ...runningErrors(spec, `${path}.containers`, around),
    ...startingErrors(spec, `${path}.initContainers`, around),
    ...ephemeralErrors(spec, `${path}.ephemeralContainers`, around),
  ];
}

function runningErrors(spec: JsonObject, path: string, around: Surroundings): FieldError[] {
  const containers = itemsWithPaths(spec['containers'], path);
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  const errors = containers.flatMap(([container, at]) => {
    const name = textOf(container, 'name');
    const again = names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [
      ...containerErrors([container, at], around),
      ...again,
      ...healthErrors(container, at, around.graceSeconds),
      ...restartErrors(container, at),
    ];
  });
  return [...errors, ...hostPortErrors(containers)];
}

function hostPortErrors(containers: readonly Placed[]): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap(([container, at]) =>
    itemsWithPaths(container['ports'], `${at}.ports`).flatMap(([port, path]) => {
      const number = numberAt(port, 'hostPort') ?? 0;
      const key = `${textOf(port, 'protocol')}/${textOf(port, 'hostIP')}/${String(number)}`;
      if (number !== 0 && seen.has(key)) return [duplicate(`${path}.hostPort`, key)];
      seen.add(key);
      return [];
    }),
  );
}

const runningOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'];

function startingErrors(spec: JsonObject, list: string, around: Surroundings): FieldError[] {
  const names = new Set(namesOf(spec, 'containers'));
  return itemsWithPaths(spec['initContainers'], list).flatMap(([container, at]) => {
    const name = textOf(container, 'name');
    const again = names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    if (name !== '') names.add(name);
    // The server says the place of a single container here, which is always the first.
    const ports = hostPortErrors([[container, `${list}[0]`]]);
    return [
      ...containerErrors([container, at], around),
      ...restartErrors(container, at),
      ...again,
      ...ports,
      ...(container['restartPolicy'] === 'Always'
        ? healthErrors(container, at, around.graceSeconds)
        : onceErrors(container, at)),
    ];
  });
}

/** What a container that runs once, before the others, may not have. */
function onceErrors(container: JsonObject, path: string): FieldError[] {
  const resizes = itemsWithPaths(container['resizePolicy'], `${path}.resizePolicy`);
  return [
    ...runningOnly
      .filter((field) => isObject(container[field]))
      .map((field) =>
        forbidden(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always'),
      ),
    ...resizes
      .filter(([rule]) => rule['restartPolicy'] === 'RestartContainer')
      .map(([rule, at]) =>
        invalid(
          `${at}.restartPolicy`,
          rule['restartPolicy'],
          "must not be set to 'RestartContainer' for non-sidecar initContainers",
        ),
      ),
  ];
}

/** What an ephemeral container may not have, in the order of Go's fields. */
const refusedOfEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];

function ephemeralErrors(spec: JsonObject, list: string, around: Surroundings): FieldError[] {
  const others = [...namesOf(spec, 'containers'), ...namesOf(spec, 'initContainers')];
  const names = new Set(others);
  return itemsWithPaths(spec['ephemeralContainers'], list).flatMap(([container, at]) => {
    const name = textOf(container, 'name');
    const target = textOf(container, 'targetContainerName');
    const again = names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [
      ...containerErrors([container, at], around),
      ...paddedImageErrors([container, at]),
      ...again,
      ...(target === '' || others.includes(target) ? [] : [notFound(`${at}.targetContainerName`, target)]),
      ...refusedFieldErrors(container, at),
      ...ephemeralMountErrors(container, `${at}.volumeMounts`),
    ];
  });
}

function refusedFieldErrors(container: JsonObject, path: string): FieldError[] {
  return refusedOfEphemeral
    .filter((field) => isSet(container[field], field))
    .map((field) => forbidden(`${path}.${field}`, 'cannot be set for an Ephemeral Container'));
}

/** Resources are a struct in Go, which is there also when nothing is said. A list is set also when it is empty. */
function isSet(value: Json | undefined, field: string): boolean {
  return isObject(value) && field === 'resources' ? Object.keys(value).length > 0 : value !== undefined;
}

function ephemeralMountErrors(container: JsonObject, list: string): FieldError[] {
  return itemsWithPaths(container['volumeMounts'], list).flatMap(([mount, path]) =>
    ['subPath', 'subPathExpr']
      .filter((field) => textOf(mount, field) !== '')
      .map((field) => forbidden(`${path}.${field}`, 'cannot be set for an Ephemeral Container')),
  );
}

/** An image with white space around it, which templates may have and pods may not. */
export function paddedImageErrors([container, path]: Placed): FieldError[] {
  const image = textOf(container, 'image');
  if (image.trim() === image) return [];
  return [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}
