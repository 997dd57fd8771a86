import { forbidden, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import type { KubeObject } from '../../../kube-object.ts';
import { goEqual } from '../../../schema/go-equal.ts';
import { qosClassOf } from '../../pod-qos.ts';
import { itemsWithPaths } from '../checks.ts';
import { partOf, textOf } from './forms.ts';
import { podErrors } from './pod-errors.ts';

const immutable = 'only cpu and memory resources are mutable';

/** What is wrong with a change of a pod's resources (ValidatePodResize of pkg/apis/core/validation). */
export function resizeErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [objectAt(pod, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  if (textOf(before, 'os', 'name') === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  const errors = [...podErrors(pod), ...classErrors(spec, old), ...wholeErrors(spec, before)];
  const order = orderErrors(spec, before);
  if (order.length > 0) return [...errors, ...order];
  return [...errors, ...containersErrors(spec, before)];
}

function classErrors(spec: JsonObject, old: KubeObject): FieldError[] {
  const before = textAt(old, 'status', 'qosClass') ?? qosClassOf(partOf(old, 'spec'));
  if (qosClassOf(spec) === before) return [];
  return [invalid('spec', before, 'Pod QOS Class may not change as a result of resizing')];
}

/** Whether amounts went that were there. */
function removed(amounts: Json | undefined, old: Json | undefined): boolean {
  const present = Object.keys(objectAt({ amounts }, 'amounts') ?? {});
  return Object.keys(objectAt({ old }, 'old') ?? {}).some((name) => !present.includes(name));
}

function wholeErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const before = objectAt(old, 'resources');
  const path = 'spec.resources';
  if (before !== undefined && objectAt(spec, 'resources') === undefined) {
    return [forbidden(path, 'pod-level resources cannot be removed')];
  }
  const resources = partOf(spec, 'resources');
  const gone = ['requests', 'limits'].filter((list) => removed(resources[list], before?.[list]));
  const same = goEqual(fixedPart(resources), fixedPart(before ?? {}));
  return [
    ...gone.map((list) => forbidden(`${path}.${list}`, `pod-level resource ${list} cannot be removed`)),
    ...(same ? [] : [forbidden('spec', `${immutable} at pod-level`)]),
  ];
}

/** Resources without what may change: CPU and memory. */
function fixedPart(resources: JsonObject): JsonObject {
  const lists = ['limits', 'requests'].map((list) => {
    const { cpu: _, memory: __, ...rest } = partOf(resources, list);
    return [list, rest] as const;
  });
  return { ...resources, ...Object.fromEntries(lists) };
}

function orderErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  return ['containers', 'initContainers'].flatMap((list) => {
    const [now, before] = [itemsAt(spec, list), itemsAt(old, list)];
    if (now.length !== before.length) {
      return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
    }
    return now.flatMap((container, index) =>
      textAt(container, 'name') === textAt(before[index], 'name')
        ? []
        : [
            forbidden(
              `spec.${list}[${String(index)}].name`,
              `${list} may not be renamed or reordered on resize`,
            ),
          ],
    );
  });
}

function containersErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const sidecars = itemsWithPaths(old['initContainers'], 'spec.initContainers');
  const running = itemsWithPaths(old['containers'], 'spec.containers');
  return [
    ...sidecars
      .filter(([container]) => container['restartPolicy'] === 'Always')
      .flatMap(([container, path]) =>
        removedErrors(matching(spec, 'initContainers', container), container, path),
      ),
    ...running.flatMap(([container, path]) =>
      removedErrors(matching(spec, 'containers', container), container, path),
    ),
    ...running.flatMap(([container]) =>
      fixedErrors(matching(spec, 'containers', container), container, ['spec', immutable]),
    ),
    ...sidecars.flatMap(([container, path]) =>
      initErrors(matching(spec, 'initContainers', container), container, path),
    ),
  ];
}

function matching(spec: JsonObject, list: string, old: JsonObject): JsonObject {
  const found = itemsWithPaths(spec[list], '').find(([one]) => one['name'] === old['name']);
  return found?.[0] ?? {};
}

function removedErrors(container: JsonObject, old: JsonObject, path: string): FieldError[] {
  const [now, before] = [partOf(container, 'resources'), partOf(old, 'resources')];
  return ['requests', 'limits']
    .filter((list) => removed(now[list], before[list]))
    .map((list) => forbidden(`${path}.resources.${list}`, `resource ${list} cannot be removed`));
}

function fixedErrors(
  container: JsonObject,
  old: JsonObject,
  [path, why]: readonly [string, string],
): FieldError[] {
  const fixed = (one: JsonObject) => ({ ...one, resources: fixedPart(partOf(one, 'resources')) });
  return goEqual(fixed(container), fixed(old)) ? [] : [forbidden(path, why)];
}

function initErrors(container: JsonObject, old: JsonObject, path: string): FieldError[] {
  if (container['restartPolicy'] !== 'Always') {
    const why = 'resources for non-sidecar init containers are immutable';
    return goEqual(container, old) ? [] : [forbidden('spec', why)];
  }
  const why = 'only cpu and memory resources for init or sidecar containers are mutable';
  return fixedErrors(container, old, [path, why]);
}
