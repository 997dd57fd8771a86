import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { MsgHdrs } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import { headerNames } from './names.ts';

/** One message of the ledger. */
export interface LedgerMessage {
  readonly subject: string;
  /** Place in the one order of the ledger; grows, and may skip. */
  readonly sequence: number;
  /** Term of the leader that wrote it; 0 when the message names none, which is never so for a message of ours. */
  readonly term: number;
  readonly body: Uint8Array;
  readonly headers: { readonly [name: string]: string };
  /** Server time when it was stored. */
  readonly atMs: number;
}

/** A stored message, before its body is decoded. */
export interface RawMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly headers: { readonly [name: string]: string };
  readonly data: Uint8Array;
}

const compress = promisify(zstdCompress);
const compressAboveBytes = 32 * 1024;
const maxBodyBytes = 16 * 1024 * 1024;

/** The headers as a plain record; of repeated ones the last. */
export function headersOf(headers: MsgHdrs | undefined): { readonly [name: string]: string } {
  if (!headers) return {};
  return Object.fromEntries([...headers].map(([name, values]) => [name, values.at(-1) ?? '']));
}

/**
 * The message with its body decoded. A body that is not what its header says stays as it is stored: its reader refuses
 * that one record, and a follower goes on. Headers are read when they are asked for, which most readers never do.
 */
export function toLedgerMessage(raw: RawMessage): LedgerMessage {
  const { subject, sequence, atMs, data } = raw;
  return {
    ...{ subject, sequence, atMs, body: decodeBody(raw) ?? data },
    get headers() {
      return raw.headers;
    },
    get term() {
      return termOf(raw.headers);
    },
  };
}

/** The term header as a number; 0 when it is missing or not a positive safe integer. */
export function termOf(headers: { readonly [name: string]: string }): number {
  const text = headers[headerNames.term] ?? '';
  const term = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(term) ? term : 0;
}

/** A body ready to store: bodies above 32 KB are zstd-compressed, which the second value says. */
export async function encodeBody(
  body: Uint8Array | string,
): Promise<{ data: Uint8Array; encoding?: 'zstd' }> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  if (bytes.length > maxBodyBytes) {
    throw new FaultError(
      'invalid',
      `a ledger record of ${bytes.length} bytes is over the limit of ${maxBodyBytes}`,
      { retry: 'never' },
    );
  }
  if (bytes.length <= compressAboveBytes) return { data: bytes };
  return { data: await compress(bytes), encoding: 'zstd' };
}

/** First bytes of JSON as it is stored here: nothing that was encoded begins with one of them. */
const jsonStarts: ReadonlySet<number | undefined> = new Set([...Buffer.from('{['), undefined]);

/**
 * The body as it was before `encodeBody`, never more than 16 MB; undefined when it cannot be read. To read the headers of a message
 * takes longer than to parse most bodies, and what begins as JSON needs none.
 */
export function decodeBody(message: Pick<RawMessage, 'data' | 'headers'>): Uint8Array | undefined {
  const { data } = message;
  if (jsonStarts.has(data[0])) return data;
  const encoding = message.headers[headerNames.encoding];
  if (encoding === undefined) return data;
  if (encoding !== 'zstd') return undefined;
  try {
    return zstdDecompressSync(data, { maxOutputLength: maxBodyBytes });
  } catch {
    return undefined;
  }
}
