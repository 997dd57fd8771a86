import type { LabelSelector } from './documents.ts';

/**
 * Whether labels match a selector, with the meaning Kubernetes gives it: all requirements must hold, `NotIn` and
 * `DoesNotExist` hold for an absent key, and an empty selector matches everything.
 */
export function matchesSelector(
  selector: LabelSelector,
  labels: { readonly [key: string]: string },
): boolean {
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => valueOf(key) === value);
  return (
    exact &&
    (selector.matchExpressions ?? []).every((requirement) => holds(requirement, valueOf(requirement.key)))
  );
}

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

function holds(requirement: Requirement, value: string | undefined): boolean {
  const listed = value !== undefined && (requirement.values ?? []).includes(value);
  switch (requirement.operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
