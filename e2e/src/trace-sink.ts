import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One finished span, as little of it as the tests need. */
export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  readonly instance: string;
  readonly attributes: Record<string, string>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string | number };
}

interface OtlpTraces {
  resourceSpans?: {
    resource?: { attributes?: OtlpAttribute[] };
    scopeSpans?: {
      spans?: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        attributes?: OtlpAttribute[];
      }[];
    }[];
  }[];
}

/** A receiver of OTLP/HTTP JSON traces on loopback; `GET /spans` gives what it has. Keeps the newest 20,000. */
export async function startTraceSink(): Promise<{ url: string; stop(): Promise<void> }> {
  const spans: SeenSpan[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(spans));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString('utf8')) as OtlpTraces));
      spans.splice(0, Math.max(0, spans.length - 20_000));
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The spans a sink has received so far. */
export async function seenSpans(sink: string): Promise<SeenSpan[]> {
  const answer = await fetch(`${sink}/spans`);
  return (await answer.json()) as SeenSpan[];
}

function spansOf(body: OtlpTraces): SeenSpan[] {
  return (body.resourceSpans ?? []).flatMap((group) => {
    const resource = attributesOf(group.resource?.attributes);
    return (group.scopeSpans ?? []).flatMap((scope) =>
      (scope.spans ?? []).map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        service: resource['service.name'] ?? '',
        instance: resource['service.instance.id'] ?? '',
        attributes: attributesOf(span.attributes),
      })),
    );
  });
}

function attributesOf(list: OtlpAttribute[] | undefined): Record<string, string> {
  return Object.fromEntries(
    (list ?? []).map(({ key, value }) => [key, String(value.stringValue ?? value.intValue ?? '')]),
  );
}
