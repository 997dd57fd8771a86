import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '@meridian/runtime';
import type { Part } from '@meridian/runtime';
import type { Registry } from 'prom-client';

/** Where to serve and what to say. */
export interface MetricsServerConfig {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly registry: Registry;
  /** Whether the process can do its work now; a string is the reason why not. */
  readonly ready: () => boolean | string;
}

/** A part that serves `/metrics`, `/healthz` and `/readyz`. */
export interface MetricsServer extends Part {
  /** The port in use; 0 before `start`. */
  port(): number;
  stop(): Promise<void>;
}

/** Serves metrics in the Prometheus text format and the two probes. Starting throws a FaultError when the port is taken. */
export function metricsServer(config: MetricsServerConfig): MetricsServer {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    answer(config, request, response).catch((error: unknown) => {
      send(
        response,
        500,
        `metrics cannot be collected: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    });
  });
  server.maxConnections = 64;
  return {
    name: 'metrics server',
    port: () => portOf(server.address()),
    start: () => listen(server, config.address),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  config: MetricsServerConfig,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n');
  const path = (request.url ?? '').split('?', 1)[0];
  if (path === '/healthz') return send(response, 200, 'ok\n');
  if (path === '/metrics')
    return send(response, 200, await config.registry.metrics(), config.registry.contentType);
  if (path !== '/readyz') return send(response, 404, 'here are /metrics, /healthz and /readyz\n');
  const ready = config.ready();
  send(response, ready === true ? 200 : 503, ready === true ? 'ok\n' : `${ready || 'not ready'}\n`);
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function listen(server: ReturnType<typeof createServer>, address: string): Promise<void> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is taken; choose another' : cause.message;
      reject(
        new FaultError('unavailable', `metrics cannot be served at ${address}: ${why}`, {
          retry: 'never',
          cause,
        }),
      );
    });
    server.listen({ host, port }, () => resolve());
  });
}
