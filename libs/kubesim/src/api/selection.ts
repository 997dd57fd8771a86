import { badRequestError } from '../errors/api-error.ts';
import type { KubeObject } from '../kube-object.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource } from '../schema/resource.ts';
import { customSelectable, parseFieldSelector } from '../store/field-selector.ts';
import { parseLabelSelector } from '../store/label-selector.ts';

/** Which objects a list or watch is about. */
export interface Selection {
  matches(object: KubeObject): boolean;
  /** Whether nothing is left out. */
  readonly all: boolean;
}

/** Reads the selectors of a request. Throws 400. */
export function selectionOf(
  resource: Resource,
  selectors: { readonly labelSelector: string; readonly fieldSelector: string },
): Selection {
  const labels = parseLabelSelector(selectors.labelSelector);
  if (!labels.ok) throw badRequestError(labels.message);
  const fields = parseFieldSelector(selectors.fieldSelector, groupResource(resource), customFields(resource));
  if (!fields.ok) throw badRequestError(fields.message);
  return {
    matches: (object) => labels.matches(object.metadata.labels ?? {}) && fields.matches(object),
    all: selectors.labelSelector === '' && selectors.fieldSelector === '',
  };
}

function customFields({ custom, namespaced, selectable = [] }: Resource) {
  return custom ? customSelectable(selectable, namespaced) : undefined;
}
