import { expect, it } from 'vitest';
import { readAnswer } from './admission-review.ts';
import { deniedError } from './refusals.ts';

it.each([
  [undefined, 400, 'admission webhook "w" denied the request without explanation'],
  [{ reason: 'Late' }, 400, 'admission webhook "w" denied the request: Late'],
  [{ code: 200, status: 'Success', message: 'fine' }, 400, 'admission webhook "w" denied the request: fine'],
  [{ code: 418, message: 'teapot', reason: 'Tea' }, 418, 'admission webhook "w" denied the request: teapot'],
])('a webhook that denies with %j is told as %d', (status, code, message) => {
  expect(deniedError('w', status).status).toMatchObject({ code, message, status: 'Failure' });
});

const response = (more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: 'u', allowed: true, ...more },
});
const asMutating = { uid: 'u', version: 'v1', mutating: true };

it('an answer is read with its patch and its warnings', () => {
  const patch = Buffer.from('[]').toString('base64');
  expect(readAnswer(response({ patch, patchType: 'JSONPatch', warnings: ['w'] }), asMutating)).toEqual({
    ...{ allowed: true, patch: '[]', patchType: 'JSONPatch', status: undefined, warnings: ['w'] },
  });
});

it.each([
  [{ kind: 'AdmissionReview' }, 'webhook response was absent'],
  [response({ uid: 'x' }), 'expected response.uid="u", got "x"'],
  [{ ...response(), kind: 'Pod' }, 'got admission.k8s.io/v1, Kind=Pod'],
  [response({ patch: 'W10=' }), 'webhook returned response.patch but not response.patchType'],
  [response({ patchType: 'JSONPatch' }), 'webhook returned response.patchType but not response.patch'],
])('an answer is refused that makes no sense: %j', (answer, why) => {
  expect(readAnswer(answer, asMutating)).toContain(why);
});

it('a validating webhook may not patch', () => {
  const answer = response({ patch: 'W10=', patchType: 'JSONPatch' });
  expect(readAnswer(answer, { ...asMutating, mutating: false })).toBe(
    'validating webhook may not return response.patch',
  );
});
