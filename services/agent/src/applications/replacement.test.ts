import type { KubeObject } from '@meridian/manifests';
import { expect, test } from 'vitest';
import { prepareObjects } from '../assignments/prepare.ts';
import { sampleAssignment } from '../testing/assignment.ts';
import { wayOf, whyNotReplaced } from './replacement.ts';

async function why(
  { apiVersion = 'v1', kind = 'ConfigMap' }: { readonly apiVersion?: string; readonly kind?: string },
  replace: string | undefined,
  isApplicationWide = false,
): Promise<string | undefined> {
  const annotations = replace === undefined ? {} : { 'meridian.dev/replace': replace };
  const object: KubeObject = { apiVersion, kind, metadata: { name: 'a', annotations } };
  const [desired] = await prepareObjects([object], sampleAssignment, () => Promise.resolve(true));
  if (!desired) throw new Error('one object was asked for');
  return whyNotReplaced(desired, isApplicationWide ? { rules: { replaceImmutable: true } } : {});
}

test('an object is made anew on a word of its own or of its application', async () => {
  expect(await why({}, undefined)).toBe(
    'to have it deleted and made again, annotate it with meridian.dev/replace: enabled',
  );
  expect(await why({}, 'enabled')).toBeUndefined();
  expect(await why({}, undefined, true)).toBeUndefined();
  expect(await why({}, 'disabled', true)).toMatch('meridian.dev/replace: enabled');
});

test.each([
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'PersistentVolume'],
  ['v1', 'Namespace'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
])('%s %s goes only on the second word for it', async (apiVersion, kind) => {
  const told = `a ${kind} is deleted and made again only with the annotation meridian.dev/replace: data`;
  expect(await why({ apiVersion, kind }, 'enabled', true)).toBe(told);
  expect(await why({ apiVersion, kind }, undefined, true)).toBe(told);
  expect(await why({ apiVersion, kind }, 'data')).toBeUndefined();
});

const live = (metadata: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', uid: 'u', labels: { 'meridian.dev/application': 'web' }, ...metadata },
});

test('only what has the label of the application is deleted, by its UID', () => {
  expect(wayOf(undefined, 'web')).toEqual({ way: 'free' });
  expect(wayOf(live({}), 'web')).toEqual({ way: 'delete', uid: 'u' });
  expect(wayOf(live({ labels: {} }), 'web')).toMatchObject({ way: 'blocked' });
  expect(wayOf(live({}), 'other')).toMatchObject({ way: 'blocked' });
});

test('what is on its way out is not deleted again, and what holds it is named', () => {
  const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(wayOf(live(going), 'web')).toEqual({ way: 'wait', why: 'it is being deleted to be made again' });
  expect(wayOf(live({ ...going, finalizers: ['a/b', 'c/d'] }), 'web')).toEqual({
    way: 'wait',
    why: 'it is being deleted to be made again, and is held by its finalizers a/b, c/d',
  });
});
