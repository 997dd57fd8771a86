import { expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import { isForHelmAlone, readHook } from './hook.ts';

const job = (annotations: { readonly [name: string]: string }): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', annotations },
});

test('an object without an annotation for hooks is no hook', () => {
  expect(readHook({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })).toEqual({
    hook: undefined,
    problems: [],
  });
  expect(readHook(job({ other: 'PreSync' })).hook).toBeUndefined();
});

test.each([
  ['meridian.dev/hook', 'PreSync', ['PreSync']],
  ['argocd.argoproj.io/hook', 'PostSync, PreSync', ['PreSync', 'PostSync']],
  ['argocd.argoproj.io/hook', 'SyncFail,PostDelete', ['SyncFail', 'PostDelete']],
  ['argocd.argoproj.io/hook', 'Skip', []],
  ['helm.sh/hook', 'pre-install,pre-upgrade', ['PreSync']],
  ['helm.sh/hook', 'post-upgrade,pre-delete', ['PostSync', 'PreDelete']],
  ['helm.sh/hook', 'test', []],
  ['helm.sh/hook', 'pre-rollback', []],
])('%s: %s runs in %j', (name, text, phases) => {
  expect(readHook(job({ [name]: text }))).toMatchObject({ hook: { phases }, problems: [] });
});

test.each([' test ', 'post-rollback,test', 'test-success', 'pre-rollback'])(
  'what Helm has for %s is for Helm alone',
  (text) => expect(isForHelmAlone(job({ 'helm.sh/hook': text }))).toBe(true),
);

test.each([
  { 'helm.sh/hook': 'pre-install,test' },
  { 'helm.sh/hook': 'post-delete' },
  { 'helm.sh/hook': 'crd-install' },
  { 'helm.sh/hook': 'tests' },
  { 'argocd.argoproj.io/hook': 'Skip' },
  { 'argocd.argoproj.io/hook': 'Presync' },
  { 'helm.sh/hook': 'test', 'meridian.dev/hook': 'PostSync' },
  {},
])('what has %j is not', (annotations) => expect(isForHelmAlone(job(annotations))).toBe(false));

test("Argo CD's word counts before Helm's, and Meridian's before both", () => {
  const both = { 'helm.sh/hook': 'test', 'argocd.argoproj.io/hook': 'PreSync' };
  expect(readHook(job(both)).hook?.phases).toEqual(['PreSync']);
  expect(readHook(job({ ...both, 'meridian.dev/hook': 'PostSync' })).hook?.phases).toEqual(['PostSync']);
});

test('a definition that Helm 2 marked as a hook is an object like any other', () => {
  expect(readHook(job({ 'helm.sh/hook': 'crd-install' })).hook).toBeUndefined();
});

test('a hook is deleted before it is made again unless it says otherwise', () => {
  const policies = (text: string | undefined, tool = 'argocd.argoproj.io') =>
    readHook(
      job({
        [`${tool}/hook`]: tool === 'helm.sh' ? 'pre-install' : 'PreSync',
        ...(text === undefined ? {} : { [`${tool}/hook-delete-policy`]: text }),
      }),
    ).hook?.deletePolicies;
  expect(policies(undefined)).toEqual(['BeforeHookCreation']);
  expect(policies('HookFailed, HookSucceeded')).toEqual(['HookSucceeded', 'HookFailed']);
  expect(policies('before-hook-creation,hook-succeeded', 'helm.sh')).toEqual([
    'BeforeHookCreation',
    'HookSucceeded',
  ]);
});

test('words that are not known are told with those that are, and run in no phase', () => {
  const read = readHook(
    job({ 'argocd.argoproj.io/hook': 'presync', 'argocd.argoproj.io/hook-delete-policy': 'Always' }),
  );
  expect(read.hook).toEqual({ phases: [], deletePolicies: ['BeforeHookCreation'] });
  expect(read.problems).toEqual([
    'the annotation argocd.argoproj.io/hook does not know "presync"; it can be PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete, Skip',
    'the annotation argocd.argoproj.io/hook-delete-policy does not know "Always"; it can be BeforeHookCreation, HookSucceeded, HookFailed',
  ]);
});
