import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { readOpenApiDocuments } from '../schema/catalog.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

/** The documents as text, which is a tenth of their size in memory as objects; shared by all clusters of the process. */
interface Documents {
  readonly v2: string;
  readonly v3: ReadonlyMap<string, { readonly url: string; readonly text: string }>;
}

let opened: Documents | undefined;

function documents(): Documents {
  if (opened === undefined) {
    const { v2, v3 } = readOpenApiDocuments();
    const texts = Object.entries(v3).map(
      ([path, { url, document }]) => [path, { url, text: JSON.stringify(document) }] as const,
    );
    opened = { v2: JSON.stringify(v2), v3: new Map(texts) };
  }
  return opened;
}

/** Answers `/openapi/v2` and `/openapi/v3`. @returns whether the path is one of them. */
export function answerOpenApi(_state: ServerState, exchange: Exchange): boolean {
  if (exchange.path === '/openapi/v2') {
    exchange.answerText(200, documents().v2, 'application/json');
    return true;
  }
  if (!exchange.path.startsWith('/openapi/v3')) return false;
  const path = exchange.path.slice('/openapi/v3/'.length);
  if (path === '') {
    exchange.answer(200, index());
    return true;
  }
  const found = documents().v3.get(path);
  if (found === undefined) return false;
  exchange.response.setHeader('etag', `"${createHash('sha512').update(found.text).digest('hex')}"`);
  exchange.answerText(200, found.text, 'application/json');
  return true;
}

function index(): JsonObject {
  const paths: JsonObject = {};
  for (const [path, { url }] of documents().v3) paths[path] = { serverRelativeURL: url };
  return { paths };
}
