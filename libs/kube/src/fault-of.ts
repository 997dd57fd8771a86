import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';
import { errorText, FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';
import { immutableFieldsOf } from './immutable-fields.ts';
import { grantText, refusedRightOf, rightText } from './refused-right.ts';
import { KubeStatusError } from './kube-status-error.ts';
import type { StatusCause } from './kube-status-error.ts';
import { retryAfterMs } from './retry-after.ts';

/** What was asked, for messages: `apply Deployment ml/api`. `secret` keeps the server's text out of the message. */
export interface RequestSubject {
  readonly text: string;
  readonly secret: boolean;
}

/** An answer that is not a success. */
export interface FailedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfterMs: number | undefined;
  readonly body: string;
}

type Verdict = readonly [code: FaultCode, retry: 'later' | 'never'];

const verdicts: { readonly [status: number]: Verdict } = {
  400: ['invalid', 'never'],
  401: ['denied', 'later'],
  403: ['denied', 'never'],
  404: ['not_found', 'later'],
  405: ['unsupported', 'never'],
  406: ['unsupported', 'never'],
  408: ['timeout', 'later'],
  409: ['conflict', 'later'],
  410: ['unavailable', 'later'],
  413: ['invalid', 'never'],
  415: ['unsupported', 'never'],
  422: ['invalid', 'never'],
  429: ['unavailable', 'later'],
  504: ['timeout', 'later'],
};

/** The one translation of HTTP answers of an API server, or of what stands in front of it, into faults. */
export function faultOfAnswer(answer: FailedAnswer, subject: RequestSubject): KubeStatusError {
  const status = parseStatus(answer.body);
  const reason = textOf(status?.['reason']) ?? '';
  const said = causesOf(status);
  const text = textOf(status?.['message']) ?? '';
  const causes = said.map((cause) => (subject.secret ? { ...cause, message: safeCauseText(cause) } : cause));
  const [code, retry] = verdictOf(answer.status, reason, causes, text);
  const waitMs = retryAfterOf(status) ?? answer.retryAfterMs;
  const why = explain(answer, status, { subject, causes, reason });
  const message = `${subject.text} was refused with status ${answer.status}: ${why}${grantOf(answer.status, text, subject)}`;
  return new KubeStatusError(code, message, {
    status: answer.status,
    reason,
    causes,
    immutableFields: immutableFieldsOf({ status: answer.status, reason, message: text, causes: said }),
    retry,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

/**
 * Whether a 429 is about the one object that was to be written, and not about how much the server can take: a webhook has
 * denied it with that status (`k8s.io/apiserver/pkg/admission/plugin/webhook/errors`), or the refusal names the object. A server
 * that is overloaded names nothing.
 */
export function isAboutOneObject({ status, body }: Pick<FailedAnswer, 'status' | 'body'>): boolean {
  if (status !== 429) return false;
  const said = parseStatus(body);
  const details = said?.['details'];
  const isNamed = isJsonObject(details) && (textOf(details['name']) ?? '') !== '';
  return isNamed || (textOf(said?.['message']) ?? '').startsWith('admission webhook "');
}

/** The fault in an ERROR line of a watch, whose object is a Status. */
export function faultOfStatusObject(status: JsonObject, subject: RequestSubject): KubeStatusError {
  const code = status['code'];
  return faultOfAnswer(
    {
      status: typeof code === 'number' ? code : 500,
      contentType: 'application/json',
      retryAfterMs: undefined,
      body: JSON.stringify(status),
    },
    subject,
  );
}

function verdictOf(status: number, reason: string, causes: readonly StatusCause[], message: string): Verdict {
  return (
    specialVerdict(status, reason, causes, message) ??
    verdicts[status] ??
    (status >= 500 ? ['unavailable', 'later'] : ['refused', 'never'])
  );
}

/** Refusals whose status says too little about whether waiting helps. */
function specialVerdict(
  status: number,
  reason: string,
  causes: readonly StatusCause[],
  message: string,
): Verdict | undefined {
  // The two 403 that pass by themselves: a namespace on its way out, and a quota that others may free.
  if (causes.some((cause) => cause.reason === 'NamespaceTerminating')) return ['unavailable', 'later'];
  if (status === 403 && message.includes('exceeded quota')) return ['exhausted', 'later'];
  // Server-side apply reports an object that does not fit its schema as an internal error.
  if (status === 500 && /^failed to (create typed|convert new object)/.test(message))
    return ['invalid', 'never'];
  const isSettled =
    reason === 'AlreadyExists' || causes.some((cause) => cause.reason === 'FieldManagerConflict');
  return status === 409 && isSettled ? ['conflict', 'never'] : undefined;
}

function explain(
  answer: FailedAnswer,
  status: JsonObject | undefined,
  facts: {
    readonly subject: RequestSubject;
    readonly causes: readonly StatusCause[];
    readonly reason: string;
  },
): string {
  if (facts.subject.secret) {
    const fields = facts.causes.map((cause) => cause.field).filter((field) => field !== '');
    return `${facts.reason || 'no reason given'}${fields.length > 0 ? ` at ${fields.join(', ')}` : ''} (details are left out for a Secret)`;
  }
  const message = textOf(status?.['message']);
  if (message !== undefined && message !== '') return clip(message);
  if (/html/i.test(answer.contentType) || answer.body.trimStart().startsWith('<')) {
    return 'the answer is an HTML page, so a proxy or another server answered instead of the API server';
  }
  return answer.body.trim() === '' ? 'the answer is empty' : clip(answer.body.trim());
}

/** Which right is missing and how to give it, when that is why. Of a Secret the server's own words were left out before. */
function grantOf(status: number, message: string, { secret }: RequestSubject): string {
  const right = status === 403 ? refusedRightOf(message) : undefined;
  if (!right) return '';
  return `${secret ? `: ${rightText(right)}` : ''}; ${grantText(right)}`;
}

/** For a Secret only the part of a conflict that names the manager is kept. */
function safeCauseText(cause: StatusCause): string {
  return cause.reason === 'FieldManagerConflict'
    ? (/^conflict with "[^"]*"/.exec(cause.message)?.[0] ?? '')
    : '';
}

function causesOf(status: JsonObject | undefined): StatusCause[] {
  const details = status?.['details'];
  const causes = isJsonObject(details) ? details['causes'] : undefined;
  if (!Array.isArray(causes)) return [];
  return causes.filter(isJsonObject).map((cause: JsonObject) => ({
    reason: textOf(cause['reason']) ?? '',
    field: textOf(cause['field']) ?? '',
    message: textOf(cause['message']) ?? '',
  }));
}

function retryAfterOf(status: JsonObject | undefined): number | undefined {
  const details = status?.['details'];
  return isJsonObject(details) ? retryAfterMs(details['retryAfterSeconds']) : undefined;
}

function parseStatus(body: string): JsonObject | undefined {
  try {
    const value = JSON.parse(body) as Json;
    return isJsonObject(value) && value['kind'] === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function clip(text: string): string {
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}

const tlsCodes =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|INVALID_CA|HOSTNAME_MISMATCH)/;

/** The fault of a request that got no whole answer: refused connections, broken sockets, certificates, timeouts. */
export function faultOfConnection(error: unknown, url: string, subject: RequestSubject): FaultError {
  if (error instanceof FaultError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (tlsCodes.test(code)) {
    return new FaultError(
      'denied',
      `${subject.text} failed: ${url} is not trusted (${code}): check the certificate authority in the kubeconfig`,
      {
        retry: 'later',
        cause: error,
      },
    );
  }
  return new FaultError('unavailable', `${subject.text} failed: no answer from ${url}: ${errorText(error)}`, {
    retry: 'later',
    cause: error,
  });
}
