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
  isLeftAlone: false,
  prune: 'allowed',
  remove: 'allowed',
  drift: undefined,
  write: 'always',
  replace: undefined,
  missingKind: 'fail',
  problems: [],
};
/** Who asked to keep an object does not want it deleted for a field that cannot be changed. */
const kept = { ...asUsual, replace: 'disabled' };

test('without annotations an object is applied, judged and pruned as usual', () => {
  expect(optionsOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })).toEqual(asUsual);
  expect(options({ team: 'ml' })).toEqual(asUsual);
});

test("Argo CD's sync options are understood, several at once", () => {
  expect(syncOptions('Prune=false')).toEqual({ ...kept, prune: 'disabled' });
  expect(syncOptions('Prune=confirm,Delete=confirm')).toEqual({
    ...kept,
    prune: 'confirm',
    remove: 'confirm',
  });
  expect(syncOptions('Delete=false')).toEqual({ ...kept, remove: 'disabled' });
  expect(syncOptions(' Validate=true , Prune=false,Delete=false')).toEqual({
    ...kept,
    prune: 'disabled',
    remove: 'disabled',
  });
});

test("Flux's annotations are understood, whatever their case", () => {
  const leftAlone = { ...kept, isLeftAlone: true, prune: 'disabled', remove: 'disabled' };
  expect(flux('prune', 'Disabled')).toEqual({ ...kept, prune: 'disabled', remove: 'disabled' });
  expect(flux('reconcile', 'disabled')).toEqual(leftAlone);
  expect(flux('ssa', 'Ignore')).toEqual(leftAlone);
});

test('what Helm shall keep is kept', () => {
  expect(options({ 'helm.sh/resource-policy': 'keep' })).toEqual({
    ...kept,
    prune: 'disabled',
    remove: 'disabled',
  });
});

test("Meridian's own annotations decide over those of other tools", () => {
  expect(
    options({
      'meridian.dev/prune': 'enabled',
      'meridian.dev/delete': 'confirm',
      'meridian.dev/reconcile': 'enabled',
      'argocd.argoproj.io/sync-options': 'Prune=false',
      'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
    }),
  ).toEqual({
    ...kept,
    remove: 'confirm',
  });
});

test('a word of ours that cannot be read is told, and never deletes anything', () => {
  const read = options({ 'meridian.dev/prune': 'never', 'meridian.dev/reconcile': 'yes' });
  expect(read).toMatchObject({ prune: 'disabled', isLeftAlone: false });
  expect(read.problems).toEqual([
    'the annotation meridian.dev/prune must be enabled, confirm, disabled, not "never"',
    'the annotation meridian.dev/reconcile must be enabled, disabled, not "yes"',
  ]);
});

test('an annotation named like a member of every object is none', () => {
  const odd = JSON.parse('{"__proto__": "x", "constructor": "y"}') as { [name: string]: string };
  expect(options(odd)).toEqual(asUsual);
});

test('what is done about drift is said by one word, and a word that cannot be read only reports', () => {
  const own = (word: string) => options({ 'meridian.dev/drift': word });
  expect(own('correct')).toEqual({ ...asUsual, drift: 'correct' });
  expect(own('report').drift).toBe('report');
  expect(own('ignore').drift).toBe('ignore');
  expect(own('ignored')).toMatchObject({
    drift: 'report',
    problems: ['the annotation meridian.dev/drift must be correct, report, ignore, not "ignored"'],
  });
  expect(options({ 'helm.toolkit.fluxcd.io/driftDetection': 'Disabled' }).drift).toBe('ignore');
  expect(
    options({ 'helm.toolkit.fluxcd.io/driftDetection': 'disabled', 'meridian.dev/drift': 'correct' }).drift,
  ).toBe('correct');
});
