import type { Assignment } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { openBundle, unpackBundle } from '../assignments/bundle.ts';
import { prepareObjects } from '../assignments/prepare.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { KubePort } from '../ports.ts';

/** What an assignment is made of: its packed bundle or, when it withdraws the application, the hooks for the end. */
export interface Content {
  readonly assignment: Assignment;
  readonly bundle: Uint8Array | undefined;
  readonly endHooks: readonly KubeObject[] | undefined;
}

/** The objects of an assignment, ready to apply. Throws FaultError when the bundle is damaged or a kind cannot be asked for. */
export function prepareContent(
  { assignment, bundle, endHooks = [] }: Content,
  kube: Pick<KubePort, 'isNamespaced'>,
  signal: AbortSignal,
): Promise<readonly DesiredObject[]> {
  const objects = bundle === undefined ? endHooks : openBundle(unpackBundle(bundle), assignment);
  return prepareObjects(objects, assignment, (kind) => kube.isNamespaced(kind, signal));
}
