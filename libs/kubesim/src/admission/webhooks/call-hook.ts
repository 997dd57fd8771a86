import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { goQuote } from '@meridian/cel';
import { errorText } from '@meridian/runtime';
import { numberAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { parseJson } from '../../schema/parse-json.ts';
import type { HookClient } from './configured-hooks.ts';

/** A webhook that could not be asked, or whose answer makes no sense. The message is what the API server says of it. */
export class HookFailure extends Error {}

/** Where services of the cluster are really reached: `127.0.0.1:8443` by namespace, name and port (`team/hook:443`). */
export type ServiceAddresses = ReadonlyMap<string, string>;

/** How to call a webhook. */
export interface HookCall {
  readonly client: HookClient;
  readonly timeoutSeconds: number;
  readonly review: JsonObject;
  /** Of the review: `v1`, `v1beta1`. */
  readonly version: string;
  readonly services: ServiceAddresses;
}

/** Sends a review and waits for the answer. Rejects with a HookFailure when there is none in time. */
export async function callHook({
  client,
  timeoutSeconds,
  review,
  version,
  services,
}: HookCall): Promise<Json> {
  const place = placeOf(client, `?timeout=${String(timeoutSeconds)}s`, services);
  const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
  try {
    if (place.host === undefined) throw new Error(`service ${goQuote(place.service)} not found`);
    const answer = await post(place, { ca: client.authorities, body: JSON.stringify(review), signal });
    return read(answer.statusCode ?? 0, await text(answer), version);
  } catch (error) {
    if (error instanceof HookFailure) throw error;
    const why = signal.aborted ? 'context deadline exceeded' : inGoWords(error, place);
    throw new HookFailure(`failed to call webhook: Post ${goQuote(place.shown)}: ${why}`, { cause: error });
  }
}

/** Where a webhook is called, and the URL by which errors name it. */
interface Place {
  readonly shown: string;
  /** Undefined for a service that cannot be reached. */
  readonly host: string | undefined;
  readonly port: string;
  readonly path: string;
  /** Whose certificate has to be shown when it is not the host's. */
  readonly servername?: string;
  /** Empty for a URL. */
  readonly service: string;
}

function placeOf({ url, service }: HookClient, query: string, services: ServiceAddresses): Place {
  if (service === undefined) return placeOfUrl(new URL(url ?? 'https://nowhere.invalid'), query);
  const { namespace, name, port } = service;
  const servername = `${name}.${namespace}.svc`;
  const path = `${service.path === '' ? '/' : service.path}${query}`;
  const address = services.get(`${namespace}/${name}:${String(port)}`) ?? '';
  const colon = address.lastIndexOf(':');
  return {
    shown: `https://${servername}:${String(port)}${path}`,
    host: address === '' ? undefined : address.slice(0, colon),
    port: address.slice(colon + 1),
    path,
    servername,
    service: name,
  };
}

function placeOfUrl(url: URL, query: string): Place {
  url.search = query;
  return {
    shown: url.href,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? '443' : url.port,
    path: `${url.pathname}${query}`,
    service: '',
  };
}

function post(
  { host, port, path, servername }: Place,
  { ca, body, signal }: { readonly ca: string; readonly body: string; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    accept: 'application/json, */*',
    'user-agent': 'kube-apiserver-admission',
  };
  const tls = { ...(ca === '' ? {} : { ca }), ...(servername === undefined ? {} : { servername }) };
  return new Promise((resolve, reject) => {
    const asked = request(
      { method: 'POST', host, port, path, headers, signal, agent: false, ...tls },
      resolve,
    );
    asked.once('error', reject);
    asked.end(body);
  });
}

const unknownAuthority = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';

/** What Go says of the errors that a connection may have. */
const words: Readonly<Record<string, string>> = {
  ECONNRESET: 'EOF',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
};

function inGoWords(error: unknown, { host = '', port }: Place): string {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return `dial tcp ${host}:${port}: connect: connection refused`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`;
  return words[code] ?? errorText(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Reads the body as the API server's client does: what is no success is told by its status, not by its text. */
function read(status: number, body: string, version: string): Json {
  const parsed = parseJson(body);
  if (status < 200 || status > 206)
    throw new HookFailure(`failed to call webhook: ${refusal(status, body, parsed)}`);
  if (body === '') {
    throw new HookFailure(
      'failed to call webhook: 0-length response with status code: 200 and content type: application/json',
    );
  }
  if (parsed.ok) return ofKnownVersion(parsed.value, version);
  throw new HookFailure(
    `failed to call webhook: couldn't get version/kind; json parse error: ${notAnObject}`,
  );
}

/** What is no JSON is read as YAML, where nearly everything is a text. */
const notAnObject =
  'json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; ' +
  'Kind string "json:\\"kind,omitempty\\"" }';

/** A review of the other version cannot be read as one of this version. */
function ofKnownVersion(value: Json, version: string): Json {
  const answered = textAt(value, 'apiVersion') ?? '';
  const other = ['v1', 'v1beta1'].find((one) => one !== version && answered === `admission.k8s.io/${one}`);
  if (other === undefined || textAt(value, 'kind') !== 'AdmissionReview') return value;
  throw new HookFailure(
    `failed to call webhook: converting (${other}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`,
  );
}

const refusals: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

function refusal(status: number, body: string, parsed: ReturnType<typeof parseJson>): string {
  const told = parsed.ok ? statusMessage(parsed.value) : '';
  if (told !== '') return told;
  if (status === 403) return body;
  const unexpected = `an error on the server (${goQuote(body.trim())}) has prevented the request from succeeding`;
  const unknown = `the server responded with the status code ${String(status)} but did not return more information`;
  return refusals[status] ?? (status >= 500 ? unexpected : unknown);
}

/** The message of a Status that tells of a failure; empty when the value is none. */
function statusMessage(value: Json): string {
  if (textAt(value, 'kind') !== 'Status' || (numberAt(value, 'code') ?? 400) < 400) return '';
  return textAt(value, 'message') ?? '';
}
