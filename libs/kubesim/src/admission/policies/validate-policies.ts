import type { Outcome } from '../../custom/cel/compile-rules.ts';
import { ApiError, forbiddenError } from '../../errors/api-error.ts';
import type { Review } from '../review.ts';
import type { Seen } from './cel/run-expression.ts';
import { validatingPolicies } from './configured-policies.ts';
import { followedPolicies } from './followed-policies.ts';
import type { Followed } from './followed-policies.ts';
import type { Binding, Policy, Validation, ValidatingPolicy } from './policy.ts';
import type { ParamContext } from './policy-params.ts';
import { meetsConditions, seenBy, sightOf } from './policy-sight.ts';
import type { Sight } from './policy-sight.ts';
import { nameOf } from './refused-name.ts';

/** Why a policy is against a write. */
interface Objection {
  readonly message: string;
  /** Of the Status. */
  readonly reason: string;
  /** Whether the binding has no say in what comes of it. */
  readonly isFinal: boolean;
}

/** Holds a write to the validating policies of the cluster: warns of what it says, and throws what denies the write. */
export function validatePolicies(review: Review, context: ParamContext): void {
  const bound = validatingPolicies(context.store);
  if (bound.length === 0) return;
  const { followed, faults } = followedPolicies(bound, review, context);
  const refusals: ApiError[] = faults
    .filter(({ policy }) => !policy.failsOpen)
    .map(({ policy, binding, message }) => refusal(review, policy, binding, { message, reason: 'Invalid' }));
  const sights = new Map<string, Sight>();
  for (const one of followed) {
    const { version, group, name } = one.resource;
    const key = `${group}/${version}/${name}`;
    const sight = sights.get(key) ?? sightOf(review, one.resource, context);
    sights.set(key, sight);
    refusals.push(...refusalsOf(one, sight, review));
  }
  if (refusals[0] !== undefined) throw refusals[0];
}

function refusalsOf(followed: Followed<ValidatingPolicy>, sight: Sight, review: Review): ApiError[] {
  const { policy, binding, params } = followed;
  return params
    .flatMap((param) => objections(policy, seenBy(policy, sight, param)))
    .flatMap((objection) => {
      const { message, isFinal } = objection;
      if (binding.actions.includes('Warn') && !isFinal) {
        const which = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
        review.warn(`Validation failed for ${which}: ${message}`);
      }
      return isFinal || binding.actions.includes('Deny') ? [refusal(review, policy, binding, objection)] : [];
    });
}

function objections(policy: ValidatingPolicy, seen: Seen): Objection[] {
  const fault = (message: string, isFinal = false): Objection[] =>
    policy.failsOpen ? [] : [{ message, reason: 'Invalid', isFinal }];
  const met = meetsConditions(policy, seen);
  if (met === false) return [];
  if (met !== true) return fault(met.faults);
  return [
    ...policy.validations.flatMap((validation) => {
      const outcome = validation.expression.run(seen);
      if (!outcome.ok) return fault(outcome.message);
      const { reason } = validation;
      return outcome.value === true ? [] : [{ message: told(validation, seen), reason, isFinal: false }];
    }),
    ...policy.annotations.flatMap((annotation) => {
      const outcome = annotation.run(seen);
      return outcome.ok ? [] : fault(outcome.message, true);
    }),
  ];
}

const mostMessageBytes = 5 * 1024;

/** The message that is computed, else the one that is written, else the expression. */
function told({ expression, message, messageExpression }: Validation, seen: Seen): string {
  const computed = usable(messageExpression?.run(seen));
  if (computed !== '') return computed;
  return message === '' ? `failed expression: ${expression.text.trim()}` : message.trim();
}

function usable(outcome: Outcome<unknown> | undefined): string {
  const text = outcome?.ok === true && typeof outcome.value === 'string' ? outcome.value.trim() : '';
  return text.includes('\n') || Buffer.byteLength(text) > mostMessageBytes ? '' : text;
}

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

function refusal(
  review: Review,
  { name }: Policy,
  binding: Binding | undefined,
  { message, reason }: Pick<Objection, 'message' | 'reason'>,
): ApiError {
  const bound = binding === undefined ? '' : ` with binding '${binding.name}'`;
  const why = `ValidatingAdmissionPolicy '${name}'${bound} denied request: ${message}`;
  const { message: whole, facts } = forbiddenError(review.target.resource, nameOf(review), why);
  const details = { ...facts.details, causes: [{ message: why }] };
  return new ApiError(whole, { code: codes[reason] ?? 422, reason, details });
}
