import { conflictError } from '../errors/api-error.ts';
import type { Asked, SubresourceView } from '../admission/review.ts';
import type { ApiError } from '../errors/api-error.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource } from '../schema/resource.ts';

/** What a request is about. */
export interface Target {
  readonly resource: Resource;
  /** Empty for cluster-scoped resources, and for lists of all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** Who writes and whether it counts. */
export interface WriteOptions {
  /** Field manager. */
  readonly manager: string;
  readonly dryRun: boolean;
  /** Told what the kind warns of once the object is found to be valid. */
  readonly warn?: (warning: string) => void;
  /** Who asks; undefined for the cluster's own parts. */
  readonly asked?: Asked | undefined;
  /** How webhooks see the object; as itself unless told. */
  readonly view?: SubresourceView | undefined;
}

/** 409 of a write that takes an object to be another than it is. */
export function uidMismatch(
  { resource, namespace, name }: Target,
  { expected, found }: { readonly expected: string; readonly found: string },
): ApiError {
  const path = [groupResource(resource).replace(/\..*/, ''), namespace, name].filter((part) => part !== '');
  const why =
    `StorageError: invalid object, Code: 4, Key: /registry/${path.join('/')}, ResourceVersion: 0, AdditionalErrorMsg: ` +
    `Precondition failed: UID in precondition: ${expected}, UID in object meta: ${found}`;
  return conflictError(resource, name, why);
}

/** 409 of a write of an object that is not as it was read any more. */
export function modifiedMeanwhile({ resource, name }: Target): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflictError(resource, name, why);
}
