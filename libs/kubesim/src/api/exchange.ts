import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { dump } from 'js-yaml';
import { ApiError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import { openCatalog } from '../schema/catalog.ts';
import { accepted, acceptedOfRefusal, notAcceptable, protobuf } from './accept.ts';
import { requestInfo } from './request-info.ts';
import { readRequestLine } from './request-line.ts';
import type { Accepted } from './accept.ts';
import type { User } from './authenticate.ts';
import type { Body } from './read-body.ts';
import { Warnings } from './warnings.ts';

const mostBytes = 3 * 1024 * 1024;
/** As Go's library writes YAML. */
const yamlStyle = {
  sortKeys: true,
  lineWidth: -1,
  seqNoIndent: true,
  noRefs: true,
  quoteStyle: 'double',
} as const;

/** The paths of groups, which no route serves. */
const groupPaths = /^\/apis(\/[^/]+)?\/?$/;

const leastPacked = 128 * 1024;

/** One request with its answer. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #warnings: Warnings;
  #isCustom = false;

  constructor(request: IncomingMessage, response: ServerResponse, user: User) {
    this.method = request.method ?? 'GET';
    const { path, query } = readRequestLine(request.url ?? '/');
    this.path = path;
    this.query = query;
    this.user = user;
    this.request = request;
    this.response = response;
    this.#warnings = new Warnings(response);
  }

  /** The form that the client wants. Throws 406. */
  get accepted(): Accepted {
    const info = requestInfo(this.path);
    return accepted(this.request.headers.accept, {
      isRoute: !this.#isCustom && !groupPaths.test(this.path),
      canBeWatched: this.method === 'GET' && info?.name === '',
      answers: info === undefined ? 'documents' : this.#isCustom ? 'custom objects' : 'objects',
    });
  }

  /** Says that it is custom objects that are asked for. */
  setCustom(): void {
    this.#isCustom = true;
  }

  get userAgent(): string {
    return this.request.headers['user-agent'] ?? '';
  }

  /** Reads the body. Throws 413 when it is larger than three megabytes, as the real server's limit is. */
  async body(): Promise<Body> {
    if (Number(this.request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
    const bytes = await this.#bytes();
    const [type = ''] = (this.request.headers['content-type'] ?? '').split(';');
    return { bytes, text: bytes.toString('utf8'), type: type.trim().toLowerCase() };
  }

  /** A body that does not say how long it is ends where it is too long. */
  async #bytes(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue;
      length += chunk.length;
      if (length > mostBytes) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Makes a watch of a request by the older path, of one object when it names one. */
  watchOnly(name: string): void {
    this.query.set('watch', 'true');
    if (name !== '') this.query.set('fieldSelector', `metadata.name=${name}`);
  }

  /** Adds a warning to the answer to come, once. */
  warn(warning: string): void {
    this.#warnings.add(warning);
  }

  /** Answers with an object in the form that the client wants. Throws 406. */
  answer(status: number, object: JsonObject, warnings: readonly string[] = []): void {
    warnings.forEach((warning) => this.warn(warning));
    this.#send(status, object, this.accepted.format);
  }

  /** Answers with a document that has no other form than JSON. */
  answerJson(document: JsonObject): void {
    this.#send(200, document, 'json');
  }

  #send(status: number, object: JsonObject, format: Accepted['format']): void {
    if (format === 'protobuf') {
      const content = openCatalog().writeProtobuf(object);
      if (content === undefined) throw notAcceptable();
      this.answerText(status, this.#packed(content), protobuf);
      return;
    }
    const content = format === 'yaml' ? dump(object, yamlStyle) : `${JSON.stringify(object)}\n`;
    this.answerText(status, this.#packed(content), `application/${format}`);
  }

  /** Large answers are sent compressed to who can read that. */
  #packed(content: string | Buffer): string | Buffer {
    const encodings = String(this.request.headers['accept-encoding'] ?? '').split(',');
    const reads = encodings.some((encoding) => encoding.split(';')[0]?.trim() === 'gzip');
    if (!reads || this.response.headersSent || content.length <= leastPacked) return content;
    this.response.setHeader('content-encoding', 'gzip');
    this.response.setHeader('vary', 'Accept-Encoding');
    return gzipSync(content, { level: 1 });
  }

  /** Answers with text of a type. */
  answerText(status: number, content: string | Buffer, type: string): void {
    if (this.response.headersSent) return;
    this.response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(content),
      'cache-control': 'no-cache, private',
    });
    this.response.end(content);
  }

  /** Answers with the Status of a refusal. An answer that has begun is cut instead: nobody would write the rest of it. */
  refuse(error: ApiError, warnings: readonly string[] = []): void {
    if (this.response.headersSent) {
      if (!this.response.writableEnded) this.response.destroy();
      return;
    }
    const { code, details } = error.facts;
    const seconds = details?.retryAfterSeconds ?? 0;
    if (seconds > 0) this.response.setHeader('retry-after', String(seconds));
    warnings.forEach((warning) => this.warn(warning));
    this.#send(code, error.status, acceptedOfRefusal(this.request.headers.accept));
  }
}

function tooLarge(): ApiError {
  return new ApiError('Request entity too large: limit is 3145728', {
    code: 413,
    reason: 'RequestEntityTooLarge',
  });
}
