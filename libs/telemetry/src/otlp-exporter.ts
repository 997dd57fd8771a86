import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.ts';

/**
 * An OTLP/HTTP exporter that is imported with the first span: the exporter and its transformers cost several megabytes,
 * which a process without a collector should not pay. `url` is the collector's base; spans go to `<url>/v1/traces`.
 */
export function lazyOtlpExporter(url: string, log: Logger): SpanExporter {
  let loading: Promise<SpanExporter> | undefined;
  let failing = false;
  const load = () =>
    (loading ??= import('@opentelemetry/exporter-trace-otlp-http').then(
      ({ OTLPTraceExporter }) =>
        new OTLPTraceExporter({ url: `${url.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: 2_000 }),
    ));
  // A dead collector is said once, not with every batch.
  const report = (result: ExportResult) => {
    const failed = result.code !== ExportResultCode.SUCCESS;
    if (failed && !failing) log.warn({ url, error: result.error?.message }, 'traces cannot be exported');
    if (!failed && failing) log.info({ url }, 'traces are exported again');
    failing = failed;
  };
  return {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
      const finish = (result: ExportResult) => {
        report(result);
        done(result);
      };
      load().then(
        (exporter) => exporter.export(spans, finish),
        (error: unknown) =>
          finish({
            code: ExportResultCode.FAILED,
            error: error instanceof Error ? error : new Error(String(error)),
          }),
      );
    },
    forceFlush: async () => {
      if (loading) await (await loading).forceFlush?.();
    },
    shutdown: async () => {
      if (loading) await (await loading).shutdown();
    },
  };
}
