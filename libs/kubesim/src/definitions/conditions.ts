import { isObject, itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';

/** Conditions of a definition. */
export type ConditionType =
  'NamesAccepted' | 'Established' | 'Terminating' | 'KubernetesAPIApprovalPolicyConformant';

/** What a condition says, without its type and time. */
export interface Condition {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** A condition of a definition, undefined when it has none of that type. */
export function findCondition(definition: KubeObject, type: ConditionType): JsonObject | undefined {
  return itemsAt(definition, 'status', 'conditions')
    .filter((one) => isObject(one))
    .find((one) => one['type'] === type);
}

/** Whether a definition has a condition and it is true. */
export function isTrue(definition: KubeObject, type: ConditionType): boolean {
  return textAt(findCondition(definition, type), 'status') === 'True';
}

/** Sets a condition of a draft; the time is that of the last change of its status. */
export function setCondition(
  draft: KubeObject,
  type: ConditionType,
  { condition, nowMs }: { readonly condition: Condition; readonly nowMs: number },
): void {
  const found = findCondition(draft, type);
  const { status, reason, message } = condition;
  if (found === undefined) {
    const added = { type, status, lastTransitionTime: apiTime(nowMs), reason, message };
    const conditions = [...itemsAt(draft, 'status', 'conditions'), added];
    draft['status'] = { ...(isObject(draft['status']) ? draft['status'] : {}), conditions };
    return;
  }
  if (found['status'] !== status) found['lastTransitionTime'] = apiTime(nowMs);
  Object.assign(found, { status, reason, message });
}
