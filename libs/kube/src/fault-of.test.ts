import { expect, test } from 'vitest';
import { FaultError } from '@meridian/runtime';
import { faultOfAnswer, faultOfConnection, isAboutOneObject } from './fault-of.ts';

const subject = { text: 'apply Deployment ml/api', secret: false };
const secretSubject = { text: 'apply Secret ml/token', secret: true };

const answer = (status: number, body: object | string, contentType = 'application/json') => ({
  status,
  contentType,
  retryAfterMs: undefined,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const status = (code: number, reason: string, message: string, details: object = {}) =>
  answer(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details });

test.each([
  [400, 'invalid', 'never'],
  [401, 'denied', 'later'],
  [403, 'denied', 'never'],
  [404, 'not_found', 'later'],
  [405, 'unsupported', 'never'],
  [409, 'conflict', 'later'],
  [410, 'unavailable', 'later'],
  [415, 'unsupported', 'never'],
  [422, 'invalid', 'never'],
  [429, 'unavailable', 'later'],
  [500, 'unavailable', 'later'],
  [502, 'unavailable', 'later'],
  [503, 'unavailable', 'later'],
  [504, 'timeout', 'later'],
  [302, 'refused', 'never'],
] as const)('status %i is %s, try again %s', (code, fault, retry) => {
  const error = faultOfAnswer(status(code, 'X', 'text'), subject);
  expect([error.code, error.retry, error.status]).toEqual([fault, retry, code]);
});

test('a conflict of server-side apply lists managers and fields and does not pass by itself', () => {
  const causes = [
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-client-side-apply" using apps/v1',
      field: '.spec.replicas',
    },
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "hpa" with subresource "scale" using apps/v1',
      field: '.spec.x',
    },
  ];
  const error = faultOfAnswer(status(409, 'Conflict', 'Apply failed with 2 conflicts', { causes }), subject);
  expect(error.retry).toBe('never');
  expect(error.conflicts).toEqual([
    { manager: 'kubectl-client-side-apply', field: '.spec.replicas' },
    { manager: 'hpa', field: '.spec.x' },
  ]);
});

test('an object that exists already is a conflict that waiting does not solve', () => {
  expect(faultOfAnswer(status(409, 'AlreadyExists', 'x'), subject).retry).toBe('never');
});

test('a namespace on its way out passes by itself', () => {
  const details = {
    causes: [{ reason: 'NamespaceTerminating', message: 'namespace ml is being terminated' }],
  };
  const error = faultOfAnswer(status(403, 'Forbidden', 'forbidden', details), subject);
  expect([error.code, error.retry]).toEqual(['unavailable', 'later']);
});

test('an exceeded quota may be freed by others', () => {
  const error = faultOfAnswer(
    status(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: gpus'),
    subject,
  );
  expect([error.code, error.retry]).toEqual(['exhausted', 'later']);
});

test('a schema error that the server calls internal is invalid', () => {
  const error = faultOfAnswer(
    status(500, '', 'failed to create typed patch object (ml/api; apps/v1, Kind=Deployment): .spec.x'),
    subject,
  );
  expect([error.code, error.retry]).toEqual(['invalid', 'never']);
});

test('the wait that the server asks for comes from the details first, then from the header', () => {
  expect(
    faultOfAnswer(status(429, 'TooManyRequests', 'slow', { retryAfterSeconds: 3 }), subject).retryAfterMs,
  ).toBe(3_000);
  expect(faultOfAnswer({ ...answer(503, ''), retryAfterMs: 7_000 }, subject).retryAfterMs).toBe(7_000);
  expect(faultOfAnswer(answer(503, ''), subject).retryAfterMs).toBeUndefined();
});

test('an HTML page is named as such and not quoted', () => {
  const error = faultOfAnswer(answer(502, '<html><body>token=abc</body></html>', 'text/html'), subject);
  expect(error.message).toContain('HTML page');
  expect(error.message).not.toContain('token=abc');
});

test('a Secret leaves no text of the server in the error, only fields and managers', () => {
  const causes = [
    { reason: 'FieldValueInvalid', field: 'data[password]', message: 'Invalid value: "hunter2"' },
    {
      reason: 'FieldManagerConflict',
      field: '.data.password',
      message: 'conflict with "vault" using v1: hunter2',
    },
  ];
  const error = faultOfAnswer(
    status(422, 'Invalid', 'Secret "token" is invalid: data[password]: Invalid value: "hunter2"', { causes }),
    secretSubject,
  );
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hunter2');
  expect(error.message).toContain('data[password]');
  expect(error.conflicts).toEqual([{ manager: 'vault', field: '.data.password' }]);
});

const refusedRight =
  'User "system:serviceaccount:ml:deployer" cannot patch resource "secrets" in API group "" in the namespace "ml"';

test('a right that is missing is named, with how to grant it, also for a Secret', () => {
  const text = `secrets "token" is forbidden: ${refusedRight}: RBAC: role "hunter2" not found`;
  const error = faultOfAnswer(status(403, 'Forbidden', text), secretSubject);
  expect(error.message).toBe(
    `apply Secret ml/token was refused with status 403: Forbidden (details are left out for a Secret): ${refusedRight}; ` +
      'to grant it, give system:serviceaccount:ml:deployer a role with ' +
      '{ apiGroups: [""], resources: ["secrets"], verbs: ["patch"] } by a RoleBinding in namespace ml',
  );
});

test('a right in the whole cluster needs a ClusterRoleBinding', () => {
  const text = 'User "ada" cannot create resource "namespaces" in API group "" at the cluster scope';
  expect(faultOfAnswer(status(403, 'Forbidden', text), subject).message).toContain(
    'verbs: ["create"] } by a ClusterRoleBinding',
  );
});

test.each([
  'impersonate" resource "serviceaccounts',
  'impersonate-on:serviceaccount:patch" resource "configmaps',
])('who may not act as another one is told which right that is: %s', (what) => {
  const text = `User "agent" cannot ${what.replace('"', '')}" in API group "" in the namespace "ml"`;
  expect(faultOfAnswer(status(403, 'Forbidden', text), subject).message).toContain(
    'let agent impersonate that account: { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] }',
  );
});

test.each(['admission webhook "x" denied the request: User "a" cannot enter', 'forbidden', ''])(
  'nothing is said of rights where none is missing: %s',
  (text) => {
    expect(faultOfAnswer(status(403, 'Forbidden', text), subject).message).not.toContain('to grant it');
  },
);

test('long texts are cut', () => {
  expect(faultOfAnswer(answer(500, 'x'.repeat(100_000), 'text/plain'), subject).message.length).toBeLessThan(
    2_200,
  );
});

test('a certificate nobody vouches for is denied, a refused connection is unavailable', () => {
  const tls = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(faultOfConnection(tls, 'https://a', subject).code).toBe('denied');
  expect(faultOfConnection(refused, 'https://a', subject).code).toBe('unavailable');
  const fault = new FaultError('timeout', 'x', { retry: 'later' });
  expect(faultOfConnection(fault, 'https://a', subject)).toBe(fault);
});

test('a 429 is about one object when a webhook gives it or it names the object, and else about the whole server', () => {
  const message = 'admission webhook "a.example" denied the request: later';
  const busy = 'storage is (re)initializing';
  expect(isAboutOneObject(status(429, '', message))).toBe(true);
  expect(isAboutOneObject(status(429, 'TooManyRequests', 'too many', { name: 'a', kind: 'pods' }))).toBe(
    true,
  );
  expect(isAboutOneObject(status(500, '', message))).toBe(false);
  expect(isAboutOneObject(status(429, 'TooManyRequests', busy, { retryAfterSeconds: 1 }))).toBe(false);
  for (const body of ['Too many requests, please try again later.', '', 'null', '[]'])
    expect(isAboutOneObject(answer(429, body, 'text/plain'))).toBe(false);
});
