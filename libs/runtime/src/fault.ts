/** Closed list of what can go wrong in the outside world. */
export type FaultCode =
  | 'unavailable'
  | 'timeout'
  | 'refused'
  | 'not_found'
  | 'conflict'
  | 'invalid'
  | 'denied'
  | 'exhausted'
  | 'unsupported';

/** A fault of the outside world: `later` may work when tried again, `never` will not without a change. */
export class FaultError extends Error {
  readonly code: FaultCode;
  readonly retry: 'later' | 'never';

  constructor(code: FaultCode, message: string, options: { retry: 'later' | 'never'; cause?: unknown }) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'FaultError';
    this.code = code;
    this.retry = options.retry;
  }
}

/** The message of anything that was thrown, with the messages of its causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`;
}
