import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';

/** Error codes of the JetStream API that Meridian tells apart (nats-server `server/errors.json`). */
export const apiCodes = {
  wrongLastSequence: [10071, 10164],
  wrongLastMessageId: [10070],
  exhausted: [10002, 10023, 10028, 10047, 10077],
  tooLarge: [10054],
} as const;

type Verdict = readonly [FaultCode, 'later' | 'never'];

const byClass: readonly (readonly [new (...args: never[]) => Error, Verdict])[] = [
  [errors.TimeoutError, ['timeout', 'later']],
  [errors.NoRespondersError, ['unavailable', 'later']],
  [errors.PermissionViolationError, ['denied', 'never']],
  [errors.AuthorizationError, ['denied', 'never']],
  [errors.UserAuthenticationExpiredError, ['denied', 'never']],
  [errors.InvalidSubjectError, ['invalid', 'never']],
  [errors.InvalidArgumentError, ['invalid', 'never']],
  [errors.ClosedConnectionError, ['unavailable', 'later']],
  [errors.DrainingConnectionError, ['unavailable', 'later']],
  [errors.ConnectionError, ['unavailable', 'later']],
];

/** Translates anything the NATS client throws; `doing` says what was tried. A bug is thrown on as it is. */
export function faultOf(error: unknown, doing: string): FaultError {
  if (error instanceof FaultError) return error;
  const verdict = verdictOf(error);
  if (!verdict) throw error;
  return new FaultError(verdict[0], `${doing} failed`, { retry: verdict[1], cause: error });
}

function verdictOf(error: unknown): Verdict | undefined {
  if (error instanceof JetStreamApiError) return apiVerdict(error.code, error.status);
  if (error instanceof errors.RequestError)
    return error.cause === undefined ? ['unavailable', 'later'] : verdictOf(error.cause);
  const known = byClass.find(([type]) => error instanceof type);
  if (known) return known[1];
  // The client says "not enabled" also while the leader of the JetStream API is being elected.
  if (error instanceof JetStreamError) return ['unavailable', 'later'];
  // Socket errors of node carry a code; they reach us from the first connect.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return ['unavailable', 'later'];
  return undefined;
}

/** What an error answer of the JetStream API means, from its `err_code` and its HTTP-like `code`. */
export function apiVerdict(errorCode: number, status: number): Verdict {
  const is = (codes: readonly number[]) => codes.includes(errorCode);
  if (is(apiCodes.wrongLastSequence) || is(apiCodes.wrongLastMessageId)) return ['conflict', 'never'];
  if (is(apiCodes.exhausted)) return ['exhausted', 'later'];
  if (is(apiCodes.tooLarge)) return ['invalid', 'never'];
  if (status === 404) return ['not_found', 'later'];
  if (status >= 500) return ['unavailable', 'later'];
  return ['invalid', 'never'];
}
