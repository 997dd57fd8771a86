import { goQuote } from '@meridian/cel';
import { ApiError, badRequestError, internalServerError } from '../../errors/api-error.ts';
import type { StatusCause, StatusFacts } from '../../errors/api-error.ts';
import { isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

/** What a client reads when a webhook denied its request, with the code, reason and details that the webhook gave. */
export function deniedError(name: string, status: JsonObject | undefined): ApiError {
  const message = textAt(status, 'message') ?? '';
  const reason = textAt(status, 'reason') ?? '';
  const why = message === '' ? reason : message;
  const denied = `admission webhook ${goQuote(name)} denied the request`;
  const code = numberAt(status, 'code') ?? 0;
  const details = objectAt(status, 'details');
  return new ApiError(why === '' ? `${denied} without explanation` : `${denied}: ${why}`, {
    code: code < 400 ? 400 : code,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details: detailsOf(details) }),
  });
}

function detailsOf(details: JsonObject): NonNullable<StatusFacts['details']> {
  const texts = ['name', 'group', 'kind', 'uid'].map((name) => [name, textAt(details, name)] as const);
  const causes = itemsAt(details, 'causes')
    .filter(isObject)
    .map((cause): StatusCause => ({
      message: textAt(cause, 'message') ?? '',
      ...Object.fromEntries(
        ['reason', 'field'].flatMap((name) => {
          const value = textAt(cause, name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      ),
    }));
  const seconds = numberAt(details, 'retryAfterSeconds');
  return {
    ...Object.fromEntries(texts.filter(([, value]) => value !== undefined)),
    causes,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
}

/** What a client reads when a webhook that must be asked could not be. */
export function failedError(name: string, why: string): ApiError {
  return internalServerError(`failed calling webhook ${goQuote(name)}: ${why}`);
}

/** What a client reads whose dry run a webhook with side effects would have to see. */
export function dryRunError(name: string): ApiError {
  return badRequestError(`admission webhook ${goQuote(name)} does not support dry run`);
}
