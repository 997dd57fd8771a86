import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { setCondition } from './conditions.ts';
import { cleanup } from './names.ts';

/** Marks a definition for deletion: it waits for its objects to go first. */
export function beginDeletion(draft: KubeObject, nowMs: number): void {
  const { metadata } = draft;
  const { finalizers = [] } = metadata;
  metadata.deletionTimestamp = apiTime(nowMs);
  if (!finalizers.includes(cleanup)) metadata.finalizers = [...finalizers, cleanup];
  setCondition(draft, 'Terminating', {
    nowMs,
    condition: {
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
  });
}
