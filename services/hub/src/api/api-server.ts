import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock, Part } from '@meridian/runtime';
import { Histogram } from '@meridian/telemetry';
import type { Logger, Registry } from '@meridian/telemetry';
import { deniedAnswer, errorAnswer, notFoundAnswer } from './error-answer.ts';
import type { ErrorAnswer } from './error-answer.ts';
import { fleetChanges } from './fleet-changes.ts';
import type { FleetChanges } from './fleet-changes.ts';
import { openApiDocument } from './open-api.ts';
import type { ApiPorts } from './ports.ts';
import { fleetRoutes } from './routes.ts';
import type { Route } from './route.ts';
import { eventStreams } from './server-sent-events.ts';
import type { EventStreams, Listener } from './server-sent-events.ts';
import type { TokenBook } from './tokens.ts';

/** What the API server is made of. */
export interface ApiServerConfig {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly version: string;
  readonly ports: ApiPorts;
  readonly tokens: TokenBook;
  /** Adds routes that bring their own proof, such as webhooks. */
  readonly more: (server: FastifyInstance) => Promise<void>;
  readonly ready: () => boolean | string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
}

/** A part that serves the fleet API. */
export interface ApiServer extends Part {
  /** The server, for tests that need no port. */
  readonly http: FastifyInstance;
  port(): number;
  stop(): Promise<void>;
}

const bodyLimitBytes = 64 * 1024;

interface Serving {
  readonly config: ApiServerConfig;
  readonly streams: EventStreams;
  readonly changes: FleetChanges;
  readonly eventListeners: Set<Listener>;
  /** The views are made once for many askers, and so is their text. */
  readonly texts: WeakMap<object, string>;
}

/** Builds the API server: every /v1 route asks for a token, every error answer is an ApiError. Nothing listens before `start`. */
export async function apiServer(config: ApiServerConfig): Promise<ApiServer> {
  const http = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: 10_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    // Our own line per request, without headers, so without tokens.
    logger: false,
    // Paths that the router cannot read never reach a route.
    frameworkErrors: (error, _request, reply) => void send(reply, errorAnswer(error)),
    clientErrorHandler: (_error, socket) => {
      if (socket.writable)
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
  });
  const serving: Serving = {
    config,
    streams: eventStreams(config.clock),
    changes: fleetChanges(config.ports.reader, config.clock),
    eventListeners: new Set(),
    texts: new WeakMap(),
  };
  observe(http, config);
  http.setErrorHandler((error, request, reply) => sendError(reply, request, { error, log: config.log }));
  http.setNotFoundHandler((request, reply) => send(reply, notFoundAnswer(pathOf(request))));
  http.get('/healthz', () => 'ok\n');
  http.get('/readyz', (_request, reply) => {
    const ready = config.ready();
    return reply.code(ready === true ? 200 : 503).send(ready === true ? 'ok\n' : `${ready || 'not ready'}\n`);
  });
  await http.register(async (scope) => guarded(scope, serving));
  await config.more(http);
  return asPart(http, serving);
}

/** The routes that ask for a token. */
function guarded(scope: FastifyInstance, serving: Serving): void {
  const { tokens, ports, version } = serving.config;
  const routes = fleetRoutes(ports);
  const document = openApiDocument(routes, version);
  scope.addHook('onRequest', async (request, reply) => {
    if (tokens.identify(request.headers.authorization) === undefined) await send(reply, deniedAnswer);
  });
  scope.get('/openapi.json', () => document);
  for (const route of routes) addRoute(scope, route, serving);
}

function addRoute(scope: FastifyInstance, route: Route, serving: Serving): void {
  const { tokens } = serving.config;
  scope.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => {
      const asked = {
        params: route.params?.parse(request.params ?? {}),
        query: route.query?.parse(request.query ?? {}),
        body: route.body?.parse(request.body ?? {}),
      };
      if (route.stream) return openStream(route, { request, reply, params: asked.params }, serving);
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      // The file may have changed since the request was let in.
      const who = tokens.identify(request.headers.authorization);
      if (who === undefined) return send(reply, deniedAnswer);
      const value = await route.handle({ ...asked, who, signal: left.signal });
      return reply
        .code(route.status)
        .header('cache-control', 'no-store')
        .type('application/json; charset=utf-8')
        .send(textOf(value, serving.texts));
    },
  });
}

function textOf(value: unknown, texts: WeakMap<object, string>): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const text = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, text);
  return text;
}

interface StreamRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: Record<string, unknown> | undefined;
}

function openStream(route: Route, { request, reply, params }: StreamRequest, serving: Serving): FastifyReply {
  const { authorization } = request.headers;
  const { changes, streams, config } = serving;
  const listener = streams.open(reply.raw, () => config.tokens.identify(authorization) !== undefined);
  reply.hijack();
  if (route.stream === 'events') {
    serving.eventListeners.add(listener);
    listener.signal.addEventListener('abort', () => serving.eventListeners.delete(listener), { once: true });
    return reply;
  }
  const application = params?.['application'];
  // Listen first: what changes while the snapshot is sent must not be lost. Both happen before anything else can run.
  changes.listen((item) => {
    if (application === undefined || item.application === application) listener.send(item);
  }, listener.signal);
  const items = changes.snapshot();
  if (application === undefined) for (const item of items) listener.send(item);
  else {
    const newest = items.find((item) => item.application === application);
    if (newest) listener.send(newest);
  }
  if (application === undefined) listener.send({ event: 'synced', data: {} });
  return reply;
}

/** One line and one measurement per request. */
function observe(http: FastifyInstance, { log, registry }: ApiServerConfig): void {
  const seconds = new Histogram({
    name: 'meridian_hub_api_seconds',
    help: 'How long answers of the API took, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  http.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` };
    seconds.observe(labels, reply.elapsedTime / 1_000);
    log.debug({ ...labels, durationMs: Math.round(reply.elapsedTime), peer: request.ip }, 'answered');
  });
  http.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
}

function sendError(
  reply: FastifyReply,
  request: FastifyRequest,
  { error, log }: { error: unknown; log: Logger },
) {
  const answer = errorAnswer(error);
  if (answer.isBug) log.error({ error: errorText(error), url: pathOf(request) }, 'a request failed');
  return send(reply, answer);
}

function send(reply: FastifyReply, { status, body }: ErrorAnswer): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(status).send(body);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function asPart(http: FastifyInstance, serving: Serving): ApiServer {
  const { config, streams, changes, eventListeners } = serving;
  const tellEvents = async (signal: AbortSignal) => {
    for await (const event of config.ports.events.follow(signal)) {
      for (const listener of eventListeners) listener.send({ event: 'event', data: event });
    }
  };
  return {
    name: 'fleet API',
    http,
    port: () => {
      const address = http.server.address();
      return address !== null && typeof address === 'object' ? address.port : 0;
    },
    async start({ signal, fail }) {
      http.server.maxConnections = 512;
      http.server.headersTimeout = 10_000;
      await listen(http, config.address);
      Promise.all([changes.run(signal), tellEvents(signal)]).catch(fail);
    },
    async stop() {
      streams.close();
      await http.close();
    },
  };
}

async function listen(http: FastifyInstance, address: string): Promise<void> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  try {
    await http.listen({ host, port: Number(address.slice(colon + 1)) });
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const why = isTaken ? 'the port is taken; choose another with MERIDIAN_API_ADDRESS' : errorText(cause);
    throw new FaultError('unavailable', `the API cannot be served at ${address}: ${why}`, {
      retry: 'never',
      cause,
    });
  }
}
