import type { KubeObject } from '@meridian/manifests';
import { expect, it } from 'vitest';
import { isInstalled } from './hooks.ts';

const object = (hook?: string): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'a', ...(hook === undefined ? {} : { annotations: { 'helm.sh/hook': hook } }) },
});

it.each([undefined, '', 'pre-install', 'post-upgrade', 'pre-delete, pre-install', 'crd-install'])(
  'an object with the hook %s is installed',
  (hook) => expect(isInstalled(object(hook))).toBe(true),
);

it.each(['pre-delete', 'post-delete,post-rollback', ' test ', 'test-success', 'pre-rollback'])(
  'an object with the hook %s stays out of bundles',
  (hook) => expect(isInstalled(object(hook))).toBe(false),
);
