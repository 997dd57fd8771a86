import type { StatusCause } from './kube-status-error.ts';

/** What an API server says of a refusal, before anything is left out of it. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly StatusCause[];
}

/**
 * How Kubernetes 1.34 words that a field cannot be changed (k8s.io/kubernetes, pkg/apis/<group>/validation; CRDs with
 * `self == oldSelf` mostly say "is immutable"). The cause of a value starts with the value, so these stand at the end.
 */
const wordings: readonly RegExp[] = [
  /: (?:[\w.]+ )?(?:field|value|spec) is immutable(?: once set| for unsuspended job once set)?\.?$/i,
  /: may not change once set$/,
  /: cannot change roleRef$/,
  /^Forbidden: field is immutable/,
  /^Forbidden: \S+ is immutable after creation/,
  /^Forbidden: may not be changed in an update\.?$/,
  /^Forbidden: updates to \w+ spec for fields other than .* are forbidden$/,
  /^Forbidden: pod updates may not change fields other than /,
];

/**
 * The fields that a refused write would change although they cannot be: when that is all the server has against it, and its
 * own validation says so, not a webhook or a policy. Empty otherwise.
 */
export function immutableFieldsOf({ status, reason, message, causes }: Refusal): readonly string[] {
  const isOwn =
    !/^admission webhook |denied (?:the )?request/.test(message) && message.includes(' is invalid: ');
  if (status !== 422 || reason !== 'Invalid' || !isOwn) return [];
  return causes.every(saysImmutable) ? [...new Set(causes.map(({ field }) => field))] : [];
}

function saysImmutable({ reason, message }: StatusCause): boolean {
  const isOfField = reason === 'FieldValueInvalid' || reason === 'FieldValueForbidden';
  return isOfField && wordings.some((wording) => wording.test(message));
}
