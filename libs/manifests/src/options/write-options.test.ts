import { expect, test } from 'vitest';
import { optionsOf } from './object-options.ts';

const options = (annotations: { readonly [name: string]: string }) =>
  optionsOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', annotations } });
const syncOptions = (text: string) => options({ 'argocd.argoproj.io/sync-options': text });
const flux = (name: string, text: string) => options({ [`kustomize.toolkit.fluxcd.io/${name}`]: text });

test('an object is replaced on the word of Meridian, Argo CD or Flux, and else as its application says', () => {
  expect(options({ 'meridian.dev/replace': 'enabled' }).replace).toBe('enabled');
  expect(options({ 'meridian.dev/replace': 'data' }).replace).toBe('data');
  expect(syncOptions('Force=true').replace).toBe('enabled');
  expect(syncOptions('Prune=true,Force=true,Replace=true').replace).toBe('enabled');
  expect(syncOptions('Replace=true').replace).toBeUndefined();
  expect(flux('force', 'Enabled').replace).toBe('enabled');
  expect(syncOptions('Prune=true').replace).toBeUndefined();
  expect(flux('force', 'true').replace).toBeUndefined();
});

test('whoever says no to it, or asks to keep the object, is heeded', () => {
  expect(syncOptions('Force=false,Replace=true').replace).toBe('disabled');
  expect(syncOptions('Force=true,Prune=false').replace).toBe('disabled');
  expect(options({ 'helm.sh/resource-policy': 'keep' }).replace).toBe('disabled');
  const both = { 'helm.sh/resource-policy': 'keep', 'meridian.dev/replace': 'enabled' };
  expect(options(both).replace).toBe('enabled');
  const own = { 'argocd.argoproj.io/sync-options': 'Force=true', 'meridian.dev/replace': 'disabled' };
  expect(options(own).replace).toBe('disabled');
});

test('an object is written once or without taking fields over on the word of Meridian, Flux or Argo CD', () => {
  expect(options({ 'meridian.dev/apply': 'once' }).write).toBe('once');
  expect(options({ 'meridian.dev/apply': 'merge' }).write).toBe('merge');
  expect(flux('ssa', 'IfNotPresent').write).toBe('once');
  expect(flux('ssa', 'merge').write).toBe('merge');
  expect(flux('ssa', 'Override').write).toBe('always');
  expect(syncOptions('ClientSideApplyMigration=false').write).toBe('merge');
  const own = { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent', 'meridian.dev/apply': 'always' };
  expect(options(own).write).toBe('always');
});

test('an object is written as a whole on the word of Meridian or Argo CD, unless somebody asked for more care', () => {
  expect(options({ 'meridian.dev/apply': 'whole' }).write).toBe('whole');
  expect(syncOptions('Replace=true').write).toBe('whole');
  expect(syncOptions('Replace=true,ServerSideApply=true').write).toBe('whole');
  expect(syncOptions('Replace=false').write).toBe('always');
  expect(syncOptions('Replace=true,ClientSideApplyMigration=false').write).toBe('merge');
  const both = {
    'argocd.argoproj.io/sync-options': 'Replace=true',
    'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
  };
  expect(options(both).write).toBe('once');
});

test('an object whose kind is not there waits on the word of Meridian or Argo CD, and fails else', () => {
  expect(options({ 'meridian.dev/missing-kind': 'wait' }).missingKind).toBe('wait');
  expect(syncOptions('SkipDryRunOnMissingResource=true').missingKind).toBe('wait');
  expect(syncOptions('SkipDryRunOnMissingResource=false').missingKind).toBe('fail');
  expect(options({}).missingKind).toBe('fail');
  const own = {
    'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true',
    'meridian.dev/missing-kind': 'fail',
  };
  expect(options(own).missingKind).toBe('fail');
  expect(options({ 'meridian.dev/missing-kind': 'skip' })).toMatchObject({
    missingKind: 'fail',
    problems: ['the annotation meridian.dev/missing-kind must be fail, wait, not "skip"'],
  });
});

test("Flux's words count as labels, too, and the annotation before the label", () => {
  const labelled = (labels: { readonly [name: string]: string }, annotations = {}) =>
    optionsOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', labels, annotations } });
  expect(labelled({ 'kustomize.toolkit.fluxcd.io/prune': 'Disabled' })).toMatchObject({
    prune: 'disabled',
    remove: 'disabled',
  });
  expect(labelled({ 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' }).isLeftAlone).toBe(true);
  expect(labelled({ 'kustomize.toolkit.fluxcd.io/force': 'enabled' }).replace).toBe('enabled');
  expect(labelled({ 'kustomize.toolkit.fluxcd.io/ssa': 'Never' }).problems).toHaveLength(1);
  const annotated = { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge' };
  expect(labelled({ 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' }, annotated).write).toBe('merge');
});

test('a word that cannot be read is told, and neither deletes nor takes over anything', () => {
  const read = options({ 'meridian.dev/replace': 'yes', 'meridian.dev/apply': 'never' });
  expect(read).toMatchObject({ replace: 'disabled', write: 'merge' });
  expect(read.problems).toEqual([
    'the annotation meridian.dev/apply must be always, merge, once, whole, not "never"',
    'the annotation meridian.dev/replace must be enabled, data, disabled, not "yes"',
  ]);
  expect(flux('ssa', 'Never').problems).toEqual([
    'the annotation kustomize.toolkit.fluxcd.io/ssa must be Override, Merge, IfNotPresent or Ignore, not "Never"',
  ]);
});

test('options that are followed, or that say how the agent works anyway, are no problem', () => {
  const all =
    'Prune=confirm,Delete=false,Replace=true,Force=true,SkipDryRunOnMissingResource=true,ServerSideApply=true,Validate=true,PruneLast=true,ApplyOutOfSyncOnly=true,FailOnSharedResource=true,ClientSideApplyMigration=false';
  expect(syncOptions(all).problems).toEqual([]);
});

test('options that are not followed are told with what is done instead, and so are words that nobody knows', () => {
  expect(syncOptions('Validate=false,Prun=false').problems).toEqual([
    'the annotation argocd.argoproj.io/sync-options has Validate=false, which is not followed: the API server validates whatever is applied',
    'the annotation argocd.argoproj.io/sync-options has "Prun=false", which is not known',
  ]);
  for (const word of ['ServerSideApply=false', 'PrunePropagationPolicy=orphan', 'CreateNamespace=true'])
    expect(syncOptions(word).problems, word).toHaveLength(1);
});
