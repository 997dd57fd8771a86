import { expect, test } from 'vitest';
import { faultOfAnswer } from './fault-of.ts';

interface Cause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

const fieldsOf = (
  causes: readonly Cause[],
  changes: { code?: number; message?: string; secret?: boolean } = {},
) => {
  const {
    code = 422,
    message = 'Deployment.apps "d" is invalid: spec.selector: …',
    secret = false,
  } = changes;
  const body = JSON.stringify({
    kind: 'Status',
    status: 'Failure',
    reason: code === 422 ? 'Invalid' : 'Forbidden',
    code,
    message,
    details: { causes },
  });
  return faultOfAnswer(
    { status: code, contentType: 'application/json', retryAfterMs: undefined, body },
    { text: 'apply Deployment ml/d', secret },
  ).immutableFields;
};
const invalid = (field: string, message: string): Cause => ({ reason: 'FieldValueInvalid', field, message });
const forbidden = (field: string, message: string): Cause => ({
  reason: 'FieldValueForbidden',
  field,
  message,
});
const selector = invalid('spec.selector', 'Invalid value: {"matchLabels":{"a":"2"}}: field is immutable');

// The words of kube-apiserver 1.34.
test.each([
  selector,
  invalid('spec.clusterIPs[0]', 'Invalid value: ["None"]: may not change once set'),
  invalid('roleRef', 'Invalid value: {"Kind":"ClusterRole","Name":"b"}: cannot change roleRef'),
  invalid('spec', 'Invalid value: "object": Value is immutable'),
  forbidden('data', 'Forbidden: field is immutable when `immutable` is set'),
  forbidden('value', 'Forbidden: may not be changed in an update.'),
  forbidden('spec', "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden"),
  forbidden(
    'spec',
    'Forbidden: spec is immutable after creation except resources.requests for bound claims\n@@',
  ),
  forbidden('spec', 'Forbidden: pod updates may not change fields other than `spec.containers[*].image`\n@@'),
])('$field: $message is told as a field that cannot be changed', (cause) => {
  expect(fieldsOf([cause])).toEqual([cause.field]);
});

test('fields of Secrets are told although their values are left out', () => {
  expect(fieldsOf([invalid('type', 'Invalid value: "x": field is immutable')], { secret: true })).toEqual([
    'type',
  ]);
});

test('a refusal that has anything else in it is not about such fields', () => {
  expect(fieldsOf([selector, invalid('spec.replicas', 'Invalid value: -1: must be at least 0')])).toEqual([]);
  expect(
    fieldsOf([{ reason: 'FieldValueRequired', field: 'x', message: 'Required value: field is immutable' }]),
  ).toEqual([]);
  expect(fieldsOf([invalid('spec.image', 'Invalid value: "field is immutable": must be an image')])).toEqual(
    [],
  );
  expect(fieldsOf([])).toEqual([]);
});

test('what a webhook or a policy says is not taken for it, whatever its words and its status', () => {
  const webhook =
    'admission webhook "x.example" denied the request: Deployment.apps "d" is invalid: field is immutable';
  expect(fieldsOf([selector], { message: webhook })).toEqual([]);
  const policy = `deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`;
  expect(fieldsOf([selector], { message: policy })).toEqual([]);
  expect(fieldsOf([selector], { code: 403 })).toEqual([]);
  expect(fieldsOf([selector], { code: 409 })).toEqual([]);
});
