import { goQuote } from '../errors/field-error.ts';
import { ApiError } from '../errors/api-error.ts';
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
}

/** 409 of a write that takes an object to be another than it is. */
export function uidMismatch(
  resource: Resource,
  name: string,
  uids: { expected: string; found: string },
): ApiError {
  return new ApiError(
    `Operation cannot be fulfilled on ${resource.group === '' ? resource.name : `${resource.name}.${resource.group}`} ` +
      `${goQuote(name)}: StorageError: invalid object, Code: 4, Key: , ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: UID in precondition: ${uids.expected}, UID in object meta: ${uids.found}`,
    { code: 409, reason: 'Conflict', details: { name, group: resource.group, kind: resource.name } },
  );
}
