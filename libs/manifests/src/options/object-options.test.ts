import { expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import { optionsOf } from './object-options.ts';

const annotated = (annotations: { readonly [name: string]: string }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', annotations },
});
const options = (annotations: { readonly [name: string]: string }) => optionsOf(annotated(annotations));
const syncOptions = (text: string) => options({ 'argocd.argoproj.io/sync-options': text });
const flux = (name: string, text: string) => options({ [`kustomize.toolkit.fluxcd.io/${name}`]: text });

const asUsual = {
  write: 'apply',
  prune: 'allowed',
  remove: 'allowed',
  mayRecreate: false,
  takesOver: true,
  isJudged: true,
  awaitsKind: false,
  problems: [],
};

test('without annotations an object is applied, judged and pruned as usual', () => {
  expect(optionsOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })).toEqual(asUsual);
  expect(options({ team: 'ml' })).toEqual(asUsual);
});

test("Argo CD's sync options are understood, several at once", () => {
  expect(syncOptions('Prune=false')).toEqual({ ...asUsual, prune: 'disabled' });
  expect(syncOptions('Prune=confirm,Delete=confirm')).toEqual({
    ...asUsual,
    prune: 'confirm',
    remove: 'confirm',
  });
  expect(syncOptions('Delete=false')).toEqual({ ...asUsual, remove: 'disabled' });
  expect(syncOptions(' Replace=true , Force=true,SkipDryRunOnMissingResource=true')).toEqual({
    ...asUsual,
    write: 'replace',
    mayRecreate: true,
    awaitsKind: true,
  });
  expect(syncOptions('ClientSideApplyMigration=false')).toEqual({ ...asUsual, takesOver: false });
  expect(options({ 'argocd.argoproj.io/ignore-healthcheck': 'true' })).toEqual({
    ...asUsual,
    isJudged: false,
  });
});

test("Flux's annotations are understood, whatever their case", () => {
  const leftAlone = { ...asUsual, write: 'never', prune: 'disabled', remove: 'disabled' };
  expect(flux('prune', 'Disabled')).toEqual({ ...asUsual, prune: 'disabled', remove: 'disabled' });
  expect(flux('reconcile', 'disabled')).toEqual(leftAlone);
  expect(flux('ssa', 'Ignore')).toEqual(leftAlone);
  expect(flux('ssa', 'IfNotPresent')).toEqual({ ...asUsual, write: 'if-not-present' });
  expect(flux('ssa', 'merge')).toEqual({ ...asUsual, takesOver: false });
  expect(flux('force', 'enabled')).toEqual({ ...asUsual, mayRecreate: true });
});

test('what Helm shall keep is kept', () => {
  expect(options({ 'helm.sh/resource-policy': 'keep' })).toEqual({
    ...asUsual,
    prune: 'disabled',
    remove: 'disabled',
  });
});

test("Meridian's own annotations decide over those of other tools", () => {
  expect(
    options({
      'meridian.dev/prune': 'enabled',
      'meridian.dev/delete': 'confirm',
      'meridian.dev/write': 'replace',
      'meridian.dev/recreate': 'disabled',
      'meridian.dev/take-over': 'disabled',
      'meridian.dev/health': 'disabled',
      'meridian.dev/reconcile': 'enabled',
      'argocd.argoproj.io/sync-options': 'Prune=false,Force=true',
      'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
    }),
  ).toEqual({
    ...asUsual,
    remove: 'confirm',
    write: 'replace',
    takesOver: false,
    isJudged: false,
  });
});

test('a word of ours that cannot be read is told, and never deletes anything', () => {
  const read = options({ 'meridian.dev/prune': 'never', 'meridian.dev/recreate': 'yes' });
  expect(read).toMatchObject({ prune: 'disabled', mayRecreate: false });
  expect(read.problems).toEqual([
    'the annotation meridian.dev/prune must be enabled, confirm, disabled, not "never"',
    'the annotation meridian.dev/recreate must be enabled, disabled, not "yes"',
  ]);
});

test('an annotation named like a member of every object is none', () => {
  const odd = JSON.parse('{"__proto__": "x", "constructor": "y"}') as { [name: string]: string };
  expect(options(odd)).toEqual(asUsual);
});
