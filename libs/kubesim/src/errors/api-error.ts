import { goQuote } from '@meridian/cel';
import type { JsonObject } from '../json.ts';
import { errorBody } from './field-error.ts';
import type { FieldError } from './field-error.ts';

/** One cause in a Status. */
export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** What a Status says beyond its message (metav1.Status and its details). */
export interface StatusFacts {
  readonly code: number;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  /** Metadata of the Status, which carries a token when a list may go on otherwise. */
  readonly listMetadata?: JsonObject;
}

/** A request that the API server refuses: what it answers instead (k8s.io/apimachinery/pkg/api/errors). */
export class ApiError extends Error {
  readonly facts: StatusFacts;

  constructor(message: string, facts: StatusFacts) {
    super(message);
    this.facts = facts;
  }

  /** The `Status` object to send. */
  get status(): JsonObject {
    const { code, reason, details, listMetadata = {} } = this.facts;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: listMetadata,
      status: 'Failure',
      message: this.message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details: withoutEmpty(details) }),
      code,
    };
  }
}

/** What an error is about: `deployments.apps`, told apart because the details carry both halves. */
export interface ResourceName {
  readonly group: string;
  /** Plural. */
  readonly name: string;
}

/** 404: no such object. */
export function notFoundError(resource: ResourceName, name: string): ApiError {
  return new ApiError(`${qualified(resource)} ${goQuote(name)} not found`, {
    code: 404,
    reason: 'NotFound',
    details: about(resource, name),
  });
}

/** 404 of a path that no route serves. */
export function noRouteError(): ApiError {
  return new ApiError('the server could not find the requested resource', {
    code: 404,
    reason: 'NotFound',
    details: {},
  });
}

/** 405: no route serves the method there. */
export function methodNotAllowedError(): ApiError {
  return new ApiError('the server does not allow this method on the requested resource', {
    code: 405,
    reason: 'MethodNotAllowed',
    details: {},
  });
}

/** 409: the name is taken. */
export function alreadyExistsError(resource: ResourceName, name: string): ApiError {
  return new ApiError(`${qualified(resource)} ${goQuote(name)} already exists`, {
    code: 409,
    reason: 'AlreadyExists',
    details: about(resource, name),
  });
}

/** 409: the object is not as the request takes it to be. */
export function conflictError(resource: ResourceName, name: string, why: string): ApiError {
  return new ApiError(`Operation cannot be fulfilled on ${qualified(resource)} ${goQuote(name)}: ${why}`, {
    code: 409,
    reason: 'Conflict',
    details: about(resource, name),
  });
}

/** 403: admission or authorization refuses. */
export function forbiddenError(resource: ResourceName, name: string, why: string): ApiError {
  const object = name === '' ? qualified(resource) : `${qualified(resource)} ${goQuote(name)}`;
  return new ApiError(`${object} is forbidden: ${why}`, {
    code: 403,
    reason: 'Forbidden',
    details: about(resource, name),
  });
}

/** 405: objects of the resource cannot be asked for that. */
export function methodNotSupportedError(resource: ResourceName, verb: string): ApiError {
  return new ApiError(`${verb} is not supported on resources of kind ${goQuote(qualified(resource))}`, {
    code: 405,
    reason: 'MethodNotAllowed',
    details: { group: resource.group, kind: resource.name },
  });
}

/** 422: validation found errors. Each repeated message stands once in the text and each finding once in the causes. */
export function invalidError(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const causes = errors.map((error) => ({
    reason: error.type,
    message: errorBody(error),
    field: error.field,
  }));
  const told = [...new Set(errors.map((error) => `${error.field}: ${errorBody(error)}`))];
  const why = told.length > 1 ? `[${told.join(', ')}]` : (told[0] ?? '');
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError(`${qualifiedKind} ${goQuote(name)} is invalid${why === '' ? '' : `: ${why}`}`, {
    code: 422,
    reason: 'Invalid',
    details: { name, group: kind.group, kind: kind.kind, causes },
  });
}

/** 400: the request makes no sense. */
export function badRequestError(message: string): ApiError {
  return new ApiError(message, { code: 400, reason: 'BadRequest' });
}

/** 410: the revision asked for is compacted. */
export function expiredError(message: string): ApiError {
  return new ApiError(message, { code: 410, reason: 'Expired' });
}

/** 500: what the server could not do. */
export function internalServerError(why: string): ApiError {
  return new ApiError(`Internal error occurred: ${why}`, {
    code: 500,
    reason: 'InternalError',
    details: { causes: [{ message: why }] },
  });
}

/** `deployments.apps`, or `pods` for the core group. */
function qualified(resource: ResourceName): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}

function about(resource: ResourceName, name: string): NonNullable<StatusFacts['details']> {
  return { name, group: resource.group, kind: resource.name };
}

function withoutEmpty(details: NonNullable<StatusFacts['details']>): JsonObject {
  const { name, group, kind, uid, causes, retryAfterSeconds } = details;
  const shown: JsonObject = {};
  for (const [field, value] of Object.entries({ name, group, kind, uid })) {
    if (value !== undefined && value !== '') shown[field] = value;
  }
  if (causes !== undefined && causes.length > 0) shown['causes'] = causes.map(inOrder);
  if (retryAfterSeconds !== undefined && retryAfterSeconds !== 0)
    shown['retryAfterSeconds'] = retryAfterSeconds;
  return shown;
}

function inOrder({ reason, message, field }: StatusCause): JsonObject {
  return {
    ...(reason === undefined ? {} : { reason }),
    message,
    ...(field === undefined ? {} : { field }),
  };
}
