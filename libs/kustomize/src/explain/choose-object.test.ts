import { expect, test } from 'vitest';
import { chooseObject } from './choose-object.ts';

const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'a.b.c' };
const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: 'deny' };
const objects = [web, definition, policy];

test('an object is named as for kubectl: by kind, plural or short name, with group and namespace or without', () => {
  const texts = ['deployment/web', 'Deployments/web', 'deploy/web', 'deploy.apps/web', 'shop/deploy/web'];
  for (const text of texts) expect(chooseObject(text, objects)).toEqual({ object: web });
  expect(chooseObject('crd/a.b.c', objects)).toEqual({ object: definition });
  expect(chooseObject('networkpolicies/deny', objects)).toEqual({ object: policy });
  expect(chooseObject('netpol/deny', objects)).toEqual({ object: policy });
});

test('a short name of another kind and one with another group are no object', () => {
  expect(chooseObject('sts/web', objects)).toMatchObject({ message: 'there is no sts/web' });
  expect(chooseObject('deploy.batch/web', objects)).toMatchObject({
    message: 'there is no deploy.batch/web',
  });
});
