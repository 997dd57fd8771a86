import { adoptFields } from '@meridian/diff';
import type { KubeObject } from '@meridian/manifests';
import { fieldManager } from '../ports.ts';
import type { KubePort } from '../ports.ts';
import type { DesiredObject } from '../assignments/prepare.ts';

/** What a write needs to be done once more. */
export interface Applying {
  readonly kube: Pick<KubePort, 'apply' | 'rewriteManagers'>;
  readonly content: KubeObject;
  readonly isAdopted: (manager: string) => boolean;
  readonly signal: AbortSignal;
}

/**
 * Takes over what tools before us have set in an object that was just applied, and applies it again, so that what the bundle
 * does not name goes. Costs nothing where there is nothing to take over. A kill in between leaves a step that the next apply
 * takes again; somebody who writes in between gives a conflict, and the object is tried again.
 */
export async function adoptManagers(
  answer: KubeObject,
  { kube, content, isAdopted, signal }: Applying,
): Promise<KubeObject> {
  const managedFields = adoptFields(answer, { by: fieldManager, isAdopted });
  if (!managedFields) return answer;
  await kube.rewriteManagers(answer, managedFields, signal);
  return kube.apply(content, { signal });
}

/** Whether what a manager has set in an object becomes ours. What we wrote as a whole before is ours like what we applied. */
export const isAdoptedIn =
  ({ options, managers }: Pick<DesiredObject, 'options' | 'managers'>) =>
  (manager: string): boolean =>
    manager === fieldManager || (options.write !== 'merge' && managers.of(manager) === 'adopt');
