import { expect, test } from 'vitest';
import { optionsOf } from './object-options.ts';

const problems = (annotations: { readonly [name: string]: string }, labels = {}) =>
  optionsOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations, labels } }).problems;

test('what other tools are told and nobody follows is a problem that says what is done instead', () => {
  expect(problems({ 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' })).toEqual([
    'the annotation argocd.argoproj.io/compare-options is not followed: what git does not name is never drift; ignore fields in the application',
  ]);
  expect(problems({ 'argocd.argoproj.io/ignore-healthcheck': 'true' })).toHaveLength(1);
  expect(problems({ 'kustomize.toolkit.fluxcd.io/decrypt': 'Disabled' })).toHaveLength(1);
  expect(problems({}, { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' })).toHaveLength(1);
});

test('what asks for nothing, or is only a note of such a tool, is no problem', () => {
  expect(
    problems(
      {
        'argocd.argoproj.io/ignore-healthcheck': 'false',
        'argocd.argoproj.io/tracking-id': 'web:apps/Deployment:ml/web',
        'kustomize.toolkit.fluxcd.io/substitute': 'enabled',
      },
      { 'kustomize.toolkit.fluxcd.io/name': 'web' },
    ),
  ).toEqual([]);
});
