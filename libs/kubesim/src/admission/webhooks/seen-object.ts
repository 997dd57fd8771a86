import type { Registry } from '../../cluster/registry.ts';
import { fromStorage } from '../../cluster/writer.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Review } from '../review.ts';

/** The object as a webhook sees it: in the version in which it is asked, or as its subresource shows it. */
export function inVersion(
  object: KubeObject | undefined,
  resource: Resource,
  { view }: Review,
  registry: Registry,
): KubeObject | undefined {
  if (object === undefined) return undefined;
  const served = fromStorage(object, resource, registry.rulesOf(resource));
  return view === undefined ? served : view.show(served);
}
