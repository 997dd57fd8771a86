import type { Tracer } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { errorText } from '@meridian/runtime';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { createLogger } from './logger.ts';
import type { Logger, LoggerConfig } from './logger.ts';
import { lazyOtlpExporter } from './otlp-exporter.ts';

/** What telemetry is made of. Spans leave the process only when `otlpUrl` is set; `spanProcessors` is for tests. */
export interface TelemetryConfig extends LoggerConfig {
  /** Base URL of an OTLP/HTTP collector, such as `http://localhost:4318`. */
  readonly otlpUrl?: string | undefined;
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** Logger, tracer and metrics of one process, passed to whoever needs them; nothing is registered globally. */
export interface Telemetry {
  readonly log: Logger;
  readonly tracer: Tracer;
  readonly registry: Registry;
  /** Sends the spans that are left and stops; at most 3 s. Call it last. */
  shutdown(): Promise<void>;
}

const flushBudgetMs = 3_000;

/** Logger, tracer and a metrics registry with the default process metrics. */
export function createTelemetry(config: TelemetryConfig): Telemetry {
  const log = createLogger(config);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const spanProcessors = [...(config.spanProcessors ?? [])];
  if (config.otlpUrl) {
    const exporter = lazyOtlpExporter(config.otlpUrl, log);
    spanProcessors.push(
      new BatchSpanProcessor({ exporter, maxQueueSize: 2_048, scheduledDelayMillis: 1_000 }),
    );
  }
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': config.service,
      'service.instance.id': config.instance,
    }),
    spanLimits: {
      attributeValueLengthLimit: 1_024,
      attributeCountLimit: 64,
      eventCountLimit: 64,
      linkCountLimit: 32,
    },
    spanProcessors,
  });
  return {
    log,
    registry,
    tracer: provider.getTracer('meridian'),
    shutdown: () => {
      const flushed = provider.shutdown().catch((error: unknown) => {
        log.warn({ error: errorText(error) }, 'the last spans were lost');
      });
      return within(flushBudgetMs, flushed);
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
