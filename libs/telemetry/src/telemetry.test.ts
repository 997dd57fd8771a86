import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Counter,
  createTelemetry,
  currentTraceparent,
  metricsServer,
  parseTraceparent,
  scrub,
  withSpan,
} from './index.ts';

function telemetryForTest() {
  const lines: string[] = [];
  const exporter = new InMemorySpanExporter();
  const telemetry = createTelemetry({
    service: 'hub',
    instance: 'hub-1',
    logLevel: 'info',
    destination: { write: (line: string) => void lines.push(line) },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  return { ...telemetry, exporter, lines };
}

describe('logger', () => {
  it('writes one JSON line with the level as a word and the service', () => {
    const { log, lines } = telemetryForTest();
    log.child({ cluster: 'eu-west-1' }).info({ release: 'r1' }, 'stage started');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        level: 'info',
        service: 'hub',
        instance: 'hub-1',
        cluster: 'eu-west-1',
        release: 'r1',
        message: 'stage started',
      },
    ]);
  });

  it('masks secrets by field name and by shape, also in the text of an error', () => {
    const { log, lines } = telemetryForTest();
    const seed = `SU${'A'.repeat(56)}`;
    log.error(
      {
        token: 'canary-1',
        headers: { authorization: 'canary-2' },
        error: `cannot fetch https://user:canary-3@git.example/x with ${seed} and Bearer canary-4-canary`,
        key: '-----BEGIN PRIVATE KEY-----\ncanary-5\n-----END PRIVATE KEY-----',
        reason: 'no such key: AGE-SECRET-KEY-PQ-1CANARY6 or age-secret-key-1canary7',
      },
      'failed',
    );
    expect(lines.join('')).not.toMatch(/canary|CANARY|SUAAAA/);
    expect((): unknown => JSON.parse(lines.join(''))).not.toThrow();
  });

  it('keeps a line break or a colour code of foreign text inside one JSON line', () => {
    const { log, lines } = telemetryForTest();
    log.info({ reason: 'x\n{"level":"error"}\u001b[31m' }, 'reported');
    expect(lines).toHaveLength(1);
    expect(lines[0]!.trim().split('\n')).toHaveLength(1);
    expect(lines[0]).not.toContain('\u001b');
  });

  it('leaves ordinary text alone', () => {
    const text = 'see https://docs.example/a@b and nats://127.0.0.1:4222';
    expect(scrub(text)).toBe(text);
  });
});

describe('withSpan', () => {
  it('joins the trace of a remote parent and gives its own id to what it causes', async () => {
    const { tracer, exporter, log, lines } = telemetryForTest();
    const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const inner = await withSpan(tracer, 'decide', { parent, attributes: { cluster: 'c1' } }, () => {
      log.info('decided');
      return withSpan(tracer, 'publish', {}, () => currentTraceparent());
    });
    const [publish, decide] = exporter.getFinishedSpans();
    expect(decide?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(publish?.parentSpanContext?.spanId).toBe(decide?.spanContext().spanId);
    expect(inner).toBe(`00-4bf92f3577b34da6a3ce929d0e0e4736-${publish?.spanContext().spanId}-01`);
    expect(JSON.parse(lines[0]!)).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(currentTraceparent()).toBeUndefined();
  });

  it('records a failure and throws it on', async () => {
    const { tracer, exporter } = telemetryForTest();
    await expect(withSpan(tracer, 'apply', {}, () => Promise.reject(new Error('no route')))).rejects.toThrow(
      'no route',
    );
    expect(exporter.getFinishedSpans()[0]?.status).toMatchObject({ code: 2, message: 'no route' });
  });

  it.each([
    '',
    'x',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  ])('starts a trace of its own for the malformed traceparent %j', (text) =>
    expect(parseTraceparent(text)).toBeUndefined(),
  );
});

describe('shutdown', () => {
  it('ends within its budget when the collector does not answer', async () => {
    const telemetry = createTelemetry({
      service: 'hub',
      instance: 'h',
      logLevel: 'error',
      otlpUrl: 'http://127.0.0.1:9',
      destination: { write: () => undefined },
    });
    await withSpan(telemetry.tracer, 'x', {}, () => undefined);
    await expect(telemetry.shutdown()).resolves.toBeUndefined();
  });
});

describe('metricsServer', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function serve(ready: () => boolean | string) {
    const { registry } = telemetryForTest();
    new Counter({ name: 'meridian_test_total', help: 'Test', registers: [registry] }).inc(3);
    const server = metricsServer({ address: '127.0.0.1:0', registry, ready });
    await server.start({ signal: new AbortController().signal, fail: () => undefined });
    stops.push(() => server.stop());
    return { url: `http://127.0.0.1:${server.port()}`, port: server.port(), registry };
  }

  it('serves metrics, liveness and readiness with the reason', async () => {
    const { url } = await serve(() => 'source not fetched yet');
    await expect((await fetch(`${url}/metrics`)).text()).resolves.toContain('meridian_test_total 3');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'source not fetched yet\n']);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('says that the port is taken', async () => {
    const { port, registry } = await serve(() => true);
    const second = metricsServer({ address: `127.0.0.1:${port}`, registry, ready: () => true });
    await expect(
      second.start({ signal: new AbortController().signal, fail: () => undefined }),
    ).rejects.toThrow('the port is taken');
  });
});
