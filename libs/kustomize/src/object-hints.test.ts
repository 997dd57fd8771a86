import type { KubeObject } from '@meridian/manifests';
import { expect, it } from 'vitest';
import { annotationWarnings } from './object-hints.ts';

const annotated = (annotations?: { readonly [name: string]: string }): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'a', ...(annotations ? { annotations } : {}) },
});

it('annotations for the agent that cannot be read are warned of, with the place of the object', () => {
  const origin = { file: 'jobs.yaml', line: 3 };
  const object = annotated({ 'meridian.dev/hook': 'Before', 'meridian.dev/prune': 'off' });
  expect(annotationWarnings({ object, origin })).toEqual([
    {
      ...origin,
      field: 'metadata.annotations',
      message:
        'Job a: the annotation meridian.dev/hook does not know "Before"; it can be PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete, Skip',
    },
    {
      ...origin,
      field: 'metadata.annotations',
      message: 'Job a: the annotation meridian.dev/prune must be enabled, confirm, disabled, not "off"',
    },
  ]);
  expect(annotationWarnings({ object: annotated(), origin })).toEqual([]);
});
