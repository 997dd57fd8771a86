import { draftOf, isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { goEqual } from '../schema/go-equal.ts';
import { keepAllButStatus, keepStatus } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { ephemeralUpdateErrors } from './validation/pod/ephemeral-change.ts';
import { podStatusErrors } from './validation/pod/pod-status-errors.ts';
import { resizeErrors } from './validation/pod/resize-errors.ts';

const kept = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** Takes from an update only what a subresource may write, which is a part of the spec. */
function keepAllBut(
  draft: KubeObject,
  old: KubeObject,
  change: (spec: JsonObject, old: JsonObject) => JsonObject,
): void {
  const [spec, before] = [draft, old].map((one) => objectAt(one, 'spec') ?? {});
  draft['spec'] = change(spec ?? {}, before ?? {});
  keepStatus(draft, old);
  for (const field of kept) {
    const value = old.metadata[field];
    if (value === undefined) delete draft.metadata[field];
    else draft.metadata[field] = draftOf(value);
  }
  const same = goEqual(draft['spec'], old['spec']);
  draft.metadata.generation = (old.metadata.generation ?? 0) + (same ? 0 : 1);
}

function withEphemeral(spec: JsonObject, old: JsonObject): JsonObject {
  const { ephemeralContainers } = spec;
  const { ephemeralContainers: _, ...rest } = draftOf(old);
  return ephemeralContainers === undefined ? rest : { ...rest, ephemeralContainers };
}

/** The old spec with new resources. Containers that are not the old ones stay as they are, for validation to refuse. */
function withResources(spec: JsonObject, old: JsonObject): JsonObject {
  const lists = ['containers', 'initContainers'];
  if (lists.some((list) => itemsAt(spec, list).length !== itemsAt(old, list).length)) return spec;
  const { resources } = spec;
  const { resources: _, ...rest } = draftOf(old);
  const found: JsonObject = resources === undefined ? rest : { ...rest, resources };
  for (const list of lists) {
    if (itemsAt(old, list).length > 0) found[list] = resized(itemsAt(spec, list), itemsAt(old, list));
  }
  return found;
}

function resized(containers: readonly Json[], old: readonly Json[]): Json[] {
  if (containers.some((one, index) => textAt(one, 'name') !== textAt(old[index], 'name')))
    return [...containers];
  return old.filter(isObject).map((container, index) => {
    const { resources: _, resizePolicy: __, ...rest } = container;
    const other = containers[index];
    const { resources, resizePolicy } = isObject(other) ? other : {};
    return {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

/** Rules of the subresources of pods that write parts of them (pkg/registry/core/pod/strategy.go). */
export const podSubresources: NonNullable<KindRules['subresources']> = {
  ephemeralcontainers: {
    prepareForUpdate: (draft, old) => keepAllBut(draft, old, withEphemeral),
    validateUpdate: ephemeralUpdateErrors,
  },
  resize: {
    prepareForUpdate: (draft, old) => keepAllBut(draft, old, withResources),
    validateUpdate: resizeErrors,
  },
};

/** Rules of the status of pods: owners stay, and how well a pod is guaranteed does, too. */
export const podStatusRules: NonNullable<KindRules['status']> = {
  prepareForUpdate(draft, old) {
    keepAllButStatus(draft, old);
    const { ownerReferences } = old.metadata;
    if (ownerReferences === undefined) delete draft.metadata['ownerReferences'];
    else draft.metadata['ownerReferences'] = draftOf(ownerReferences);
    const qosClass = textAt(old, 'status', 'qosClass');
    const status = objectAt(draft, 'status');
    if (status !== undefined && qosClass !== undefined) status['qosClass'] ??= qosClass;
  },
  validateUpdate: podStatusErrors,
};
