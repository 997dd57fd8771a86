import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { certificateAuthority } from '@meridian/testkit';
import { bodyAt, textAt } from './body.ts';
import type { Body } from './body.ts';

/** What a webhook answers: a response of a review, which gets the uid of the request, or something else altogether. */
export type HookAnswer =
  { readonly response: Body } | { readonly raw: string; readonly status?: number } | 'never';

/** A webhook that was opened on the server that all cases share. */
export interface OpenHook {
  readonly url: string;
  /** The authority of its certificate, as configurations carry it. */
  readonly caBundle: string;
  /** The requests of the reviews that it was sent, in their order. */
  readonly requests: Body[];
}

interface HookServer {
  readonly port: number;
  readonly caBundle: string;
  readonly hooks: Map<string, { requests: Body[]; answer: (request: Body) => HookAnswer }>;
}

let shared: Promise<HookServer> | undefined;

/** Opens a webhook at an address of its own on one HTTPS server, which does not keep the process alive. */
export async function openHook(answer: (request: Body) => HookAnswer): Promise<OpenHook> {
  shared ??= start();
  const { port, caBundle, hooks } = await shared;
  const path = `/${randomUUID()}`;
  const requests: Body[] = [];
  hooks.set(path, { requests, answer });
  return { url: `https://127.0.0.1:${String(port)}${path}`, caBundle, requests };
}

async function start(): Promise<HookServer> {
  const authority = certificateAuthority('webhooks of contract cases');
  const own = authority.issue({ commonName: 'hooks', ipAddresses: ['127.0.0.1'], usages: ['server'] });
  const hooks: HookServer['hooks'] = new Map();
  const server = createServer(
    { cert: own.certificatePem, key: own.keyPem },
    (request, response) => void answerReview(hooks, request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { port, caBundle: Buffer.from(authority.certificatePem).toString('base64'), hooks };
}

async function answerReview(
  hooks: HookServer['hooks'],
  asked: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const hook = hooks.get(new URL(asked.url ?? '/', 'https://hooks').pathname);
  if (hook === undefined) return void response.writeHead(404).end();
  const review = JSON.parse(await text(asked)) as Body;
  const request = bodyAt(review, 'request');
  hook.requests.push(request);
  const answer = hook.answer(request);
  if (answer === 'never') return;
  if ('raw' in answer) return void response.writeHead(answer.status ?? 200).end(answer.raw);
  const { apiVersion, kind } = review;
  const sent = { apiVersion, kind, response: { uid: textAt(request, 'uid'), ...answer.response } };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(sent));
}
