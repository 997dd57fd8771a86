import type { ApiError } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';
import { scrub } from '@meridian/telemetry';
import { ZodError } from 'zod';

/** An HTTP status and the body that goes with it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ApiError;
  /** Set when the fault is ours: the log has the rest. */
  readonly isBug: boolean;
}

const statusOfFault: { readonly [code in FaultCode]: number } = {
  invalid: 400,
  denied: 403,
  not_found: 404,
  conflict: 409,
  refused: 409,
  exhausted: 429,
  unavailable: 503,
  timeout: 503,
  unsupported: 501,
};

const codeOfStatus: { readonly [status: number]: string } = {
  400: 'invalid',
  404: 'not_found',
  405: 'not_allowed',
  413: 'too_large',
  415: 'not_json',
  429: 'exhausted',
};

/** The answer for anything that was thrown. Says what is wrong to the asker, and nothing of our inside. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof ZodError) return answer(400, 'invalid', zodText(error));
  if (error instanceof FaultError) {
    const fix = error.retry === 'later' ? 'try again; any hub answers' : undefined;
    return answer(statusOfFault[error.code], error.code, scrub(error.message), fix);
  }
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500 && error instanceof Error) {
    return answer(status, codeOfStatus[status] ?? 'invalid', error.message);
  }
  return {
    ...answer(500, 'internal', 'the hub made a mistake', 'see its log for this request'),
    isBug: true,
  };
}

/** The answer to a path that is not there. */
export function notFoundAnswer(path: string): ErrorAnswer {
  return answer(
    404,
    'not_found',
    `there is nothing at ${path.slice(0, 200)}`,
    'GET /openapi.json lists what there is',
  );
}

/** The answer to a request without a good token. */
export const deniedAnswer: ErrorAnswer = answer(
  401,
  'denied',
  'the token is missing or not known',
  'send `Authorization: Bearer TOKEN` with a token of MERIDIAN_API_TOKENS_FILE; the CLI takes it with --token-file',
);

function answer(status: number, code: string, message: string, fix?: string): ErrorAnswer {
  return { status, body: { error: { code, message, ...(fix === undefined ? {} : { fix }) } }, isBug: false };
}

function zodText(error: ZodError): string {
  return error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`)
    .join('; ');
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
