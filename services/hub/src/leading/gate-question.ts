import { createHmac } from 'node:crypto';
import type { GateAnswered, WebhookQuestion } from '@meridian/rollout';
import { errorText } from '@meridian/runtime';
import { z } from 'zod';

/** Who may be asked, and how the questions are proven. */
export interface WebhookRules {
  /** Origins such as `https://gates.example.com`; nothing else is ever asked. */
  readonly origins: readonly string[];
  /** Signs the questions; undefined leaves them unsigned. */
  readonly secret: string | undefined;
}

const answerTimeoutMs = 10_000;
const mostBytes = 65_536;
const mostCharacters = 300;

const answerShape = z.object({
  verdict: z.enum(['pass', 'fail', 'wait']),
  message: z.string().optional(),
});

/**
 * Asks another system about a gate, and gives its word. Whatever is no clear answer (no connection, another status than 200,
 * a redirect, too long, not JSON) is `wait` with the reason: a gate never passes, and never fails, for want of an answer.
 */
export async function askWebhook(
  question: WebhookQuestion,
  rules: WebhookRules,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<GateAnswered> {
  const { gate, attempt, target } = question;
  const about = {
    kind: 'gateAnswered',
    rollout: target.number,
    release: target.release.digest,
    gate: gate.name,
    attempt,
  } as const;
  const url = URL.parse(gate.url);
  if (!url) return { ...about, verdict: 'wait', message: 'its url is none' };
  if (!rules.origins.includes(url.origin))
    return {
      ...about,
      verdict: 'wait',
      message: `this hub may not ask ${url.origin}; see MERIDIAN_GATE_ORIGINS`,
    };
  try {
    return { ...about, ...(await answerOf(question, rules, { url, nowMs, signal })) };
  } catch (error) {
    return { ...about, verdict: 'wait', message: `${url.host} gave no answer: ${whyText(error)}` };
  }
}

interface Asking {
  readonly url: URL;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

async function answerOf(
  question: WebhookQuestion,
  { secret }: WebhookRules,
  { url, nowMs, signal }: Asking,
): Promise<Pick<GateAnswered, 'verdict' | 'message'>> {
  const { host } = url;
  const body = JSON.stringify(questionBody(question, nowMs));
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret === undefined ? {} : { 'x-meridian-signature': signatureOf(secret, body) }),
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    return { verdict: 'wait', message: `${host} answers with status ${response.status}, not 200` };
  }
  const { verdict, message } = answerShape.parse(JSON.parse(await textWithin(response)));
  const said = lineOf(message ?? '');
  return { verdict, message: `${host} says ${verdict}${said === '' ? '' : `: ${said}`}` };
}

/** What people read of an answer, in their terminals as well: one line without control characters. */
function lineOf(text: string): string {
  return text
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, mostCharacters)
    .toWellFormed();
}

/** What is asked, the same for every try but its time; `id` names the question, so that asking twice does no harm. */
function questionBody(
  { application, gate, attempt, stage, side, clusters, target }: WebhookQuestion,
  nowMs: number,
) {
  const { digest, revision } = target.release;
  return {
    id: `${application}/${target.number}/${gate.name}/${attempt}`,
    application,
    ...(target.project === undefined ? {} : { project: target.project }),
    release: digest,
    revision,
    rollout: target.number,
    gate: gate.name,
    stage,
    side,
    clusters,
    askedAtMs: nowMs,
  };
}

function signatureOf(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

async function textWithin(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new Error(`the answer is longer than ${mostBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Of an error of `fetch` only the cause says something; what a body holds is never repeated. */
function whyText(error: unknown): string {
  if (error instanceof SyntaxError) return 'the answer is not JSON';
  if (error instanceof z.ZodError) return 'the answer needs verdict: pass, fail or wait';
  if (error instanceof Error && error.name === 'TimeoutError')
    return `nothing came within ${answerTimeoutMs / 1000} s`;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return errorText(cause).slice(0, mostCharacters);
}
