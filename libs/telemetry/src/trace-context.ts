import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanStatusCode, TraceFlags, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, SpanContext, Tracer } from '@opentelemetry/api';

/** The span that the running code belongs to. Carried by node, so that log lines and child spans find it without an argument. */
const activeSpan = new AsyncLocalStorage<Span>();

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Where a span comes from and what it is about. An absent or malformed `parent` starts a trace, or joins the active span. */
export interface SpanOptions {
  /** W3C traceparent of the work that caused this, such as a NATS header or a gRPC field. */
  readonly parent?: string | undefined;
  readonly attributes?: Attributes;
}

/** A W3C traceparent (https://www.w3.org/TR/trace-context/) as a span context; undefined when it is not one. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = traceparentPattern.exec(text ?? '');
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(context) ? context : undefined;
}

/** The W3C traceparent that names `span` as the parent of what it causes. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The traceparent of the running code, to put on what it sends; undefined outside `withSpan`. */
export function currentTraceparent(): string | undefined {
  const span = activeSpan.getStore();
  return span && traceparentOf(span);
}

/** The trace id of the running code; undefined outside `withSpan`. */
export function currentTraceId(): string | undefined {
  return activeSpan.getStore()?.spanContext().traceId;
}

/**
 * Runs `fn` inside a span and ends it when the result is there; the span is the parent of spans and log lines made within.
 * What `fn` throws is recorded and thrown on.
 */
export async function withSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  fn: (span: Span) => Promise<T> | T,
): Promise<T> {
  const span = tracer.startSpan(
    name,
    { attributes: options.attributes ?? {} },
    parentContext(options.parent),
  );
  try {
    return await activeSpan.run(span, () => fn(span));
  } catch (error) {
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    span.end();
  }
}

function parentContext(traceparent: string | undefined): Context {
  const remote = parseTraceparent(traceparent);
  if (remote) return trace.setSpanContext(ROOT_CONTEXT, remote);
  const active = activeSpan.getStore();
  return active ? trace.setSpan(ROOT_CONTEXT, active) : ROOT_CONTEXT;
}
