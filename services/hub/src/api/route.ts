import { FaultError } from '@meridian/runtime';
import type { z } from 'zod';
import type { Caller } from './token-line.ts';

/** What a handler is given: checked parameters, who asks, and a signal that aborts when the asker leaves. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly who: Caller;
  readonly signal: AbortSignal;
}

/** Named fields of a request. */
export type Fields = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

/** One operation of the API. The OpenAPI document is made from these, so that what is served is what is described. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With parameters in braces, as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  readonly params?: Fields;
  readonly query?: Fields;
  readonly body?: Fields;
  /** Shape of the answer, or of each event's data in a stream. */
  readonly answer: z.ZodType;
  readonly status: 200 | 202;
  /** Set for server-sent events: what the stream tells. */
  readonly stream?: StreamKind;
  handle(asked: Asked<unknown, unknown, unknown>): Promise<unknown>;
}

/** What a stream of server-sent events carries. */
export type StreamKind = 'fleet' | 'rollout' | 'events';

type Nothing = z.ZodObject<Record<never, never>>;

interface RouteParts<P extends Fields, Q extends Fields, B extends Fields> extends Pick<
  Route,
  'method' | 'path' | 'summary' | 'answer'
> {
  readonly status?: Route['status'];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly handle: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => unknown;
}

/** Declares a route whose handler sees its parameters as the schemas parse them. */
export function route<P extends Fields = Nothing, Q extends Fields = Nothing, B extends Fields = Nothing>({
  handle,
  status = 200,
  ...parts
}: RouteParts<P, Q, B>): Route {
  return {
    ...parts,
    status,
    // The server parses with these very schemas before it calls.
    handle: async (asked) => handle(asked as Asked<z.output<P>, z.output<Q>, z.output<B>>),
  };
}

/** Declares a route that answers with server-sent events; the server keeps the stream. */
export function streamRoute(
  parts: Pick<Route, 'path' | 'summary' | 'answer'> & {
    readonly stream: StreamKind;
    readonly params?: Fields;
  },
): Route {
  return { method: 'GET', status: 200, ...parts, handle: () => Promise.resolve(undefined) };
}

/** The value, or FaultError `not_found` that says what is not there. */
export function found<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new FaultError('not_found', `there is no ${what}`, { retry: 'never' });
}
