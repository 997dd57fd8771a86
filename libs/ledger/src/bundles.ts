import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import { directGet } from './direct-get.ts';
import type { StoredBody } from './direct-get.ts';
import { faultOf } from './fault-of.ts';
import type { FeedContext } from './feed.ts';
import { withStreams } from './mend.ts';
import { bundleStream, digestHex, headerNames, safeToken } from './names.ts';
import { readAnswer } from './publish.ts';

/** Bundles of manifests by digest, each cluster's apart from the others'. */
export interface Bundles {
  /** Stores the bytes unless they are there; safe to repeat. The digest must be theirs and the size at most 64 MB. */
  put(cluster: string, digest: string, bytes: Uint8Array): Promise<void>;
  has(cluster: string, digest: string): Promise<boolean>;
  /** Those of a cluster's digests that are not stored whole, in any order: one question for all of them, and one for each that is large or new here. */
  missing(cluster: string, digests: readonly string[]): Promise<string[]>;
  /** The bytes, checked against the digest. Throws FaultError 'not_found' or, for bytes that are not the digest's, 'invalid'. */
  get(cluster: string, digest: string): Promise<Uint8Array>;
  remove(cluster: string, digest: string): Promise<void>;
  /**
   * Removes the cluster's bundles that are not listed and older than `olderThanMs` (one hour unless told: a leader that
   * was asleep for less cannot remove what its successor has just stored). Gives the removed digests.
   */
  keep(cluster: string, digests: readonly string[], options?: { olderThanMs?: number }): Promise<string[]>;
}

const maxBundleBytes = 64 * 1024 * 1024;
const chunkBytes = 512 * 1024;
const maxChunks = Math.ceil(maxBundleBytes / chunkBytes) + 1;
const parallelChunks = 8;
const parallelChecks = 64;
/** Far below a chunk, so that no version of zstd makes two of them. */
const smallBytes = chunkBytes / 2;
/** To hand a few kilobytes to another thread takes several times as long as to (de)compress them here. */
const quickBytes = 32 * 1024;
/** What does not shrink grows by a little; a frame that is longer says little in many bytes, and takes long to read. */
const mostPackedBytes = quickBytes + 1024;
const mostRemembered = 50_000;
const ackTimeoutMs = 10_000;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** The bundles of an open ledger. */
export function openBundles(context: FeedContext): Bundles {
  const { nats } = context;
  /** Digests in hex of bundles that are one chunk, however they are packed: with that chunk all of them is there. */
  const small = new Set<string>();
  const noteSize = (hex: string, packed: { readonly chunks: number; readonly body: Uint8Array }) => {
    if (packed.chunks > 1 || packed.body.length > smallBytes) return;
    if (small.size >= mostRemembered) small.clear();
    small.add(hex);
  };
  const has = async (cluster: string, digest: string) => {
    const first = await readChunk(nats, { cluster, hex: digestHex(digest), chunk: 0 });
    if (!first) return false;
    const { chunks, packing } = shapeOf(first);
    noteSize(digestHex(digest), { chunks, body: first.body });
    if (chunks === 1) return true;
    // The last chunk is written after the others are acknowledged.
    const last = await readChunk(nats, { cluster, hex: digestHex(digest), chunk: chunks - 1 });
    return last !== undefined && shapeOf(last).packing === packing;
  };
  const missing = async (cluster: string, digests: readonly string[]) => {
    const stored = await storedDigests(context, cluster);
    const found: string[] = [];
    const check = async (digest: string) => {
      const isThere =
        stored.has(digestHex(digest)) && (small.has(digestHex(digest)) || (await has(cluster, digest)));
      if (!isThere) found.push(digest);
    };
    for (let next = 0; next < digests.length; next += parallelChecks)
      await Promise.all(digests.slice(next, next + parallelChecks).map(check));
    return found;
  };
  // Without its stream a subject has no responder, and none of these says 'not_found' of a bundle.
  const mended = <T>(work: () => Promise<T>) => withStreams(context, work, ['not_found', 'unavailable']);
  return {
    has: (cluster, digest) => mended(() => has(cluster, digest)),
    missing(cluster, digests) {
      safeToken(cluster, 'cluster');
      return mended(() => missing(cluster, digests));
    },
    async put(cluster, digest, bytes) {
      safeToken(cluster, 'cluster');
      if (bytes.length > maxBundleBytes) throw tooLarge(digest, bytes.length);
      if (sha256(bytes) !== digestHex(digest)) throw wrongDigest(digest, retryNever);
      const hex = digestHex(digest);
      await mended(async () => {
        // What is one message is there whole or not at all: the server itself stores it only when there is none.
        const packing = bytes.length <= quickBytes ? await pack(bytes) : undefined;
        if (packing && (await writeFirst(nats, { cluster, hex }, packing)))
          return noteSize(hex, { chunks: 1, body: packing.body });
        if (await has(cluster, digest)) return;
        noteSize(hex, await writeBundle(nats, { cluster, hex }, packing ?? (await pack(bytes))));
      });
    },
    get: (cluster, digest) => readBundle(nats, { cluster, digest }),
    remove: (cluster, digest) => purge(context, cluster, digestHex(digest)),
    async keep(cluster, digests, options = {}) {
      safeToken(cluster, 'cluster');
      const kept = new Set(digests.map(digestHex));
      const stored = await mended(() => storedDigests(context, cluster));
      const before = context.clock.nowMs() - (options.olderThanMs ?? 3_600_000);
      const removed: string[] = [];
      for (const hex of stored) {
        if (kept.has(hex)) continue;
        const first = await readChunk(nats, { cluster, hex, chunk: 0 });
        if (first && first.atMs > before) continue;
        await purge(context, cluster, hex);
        removed.push(`sha256:${hex}`);
      }
      return removed;
    },
  };
}

/**
 * Reads a bundle with DIRECT.GET only, so it works with an agent's permissions too. Everything the messages say is
 * distrusted: counts and sizes are capped before and while decompressing, and the digest is checked last.
 */
export async function readBundle(
  nats: NatsConnection,
  { cluster, digest, signal }: { cluster: string; digest: string; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const hex = digestHex(digest);
  const first = await needChunk(nats, { cluster, hex, chunk: 0, signal });
  const { chunks, sizeBytes } = shapeOf(first);
  if (sizeBytes > maxBundleBytes || chunks > maxChunks) throw tooLarge(digest, sizeBytes);
  const parts = [first.body];
  for (let next = 1; next < chunks; next += parallelChunks) {
    const count = Math.min(parallelChunks, chunks - next);
    const group = Array.from({ length: count }, (_, index) =>
      needChunk(nats, { cluster, hex, chunk: next + index, signal }),
    );
    parts.push(...(await Promise.all(group)).map((part) => part.body));
  }
  const bytes = await unpack(Buffer.concat(parts), { digest, sizeBytes });
  if (sha256(bytes) !== hex) throw wrongDigest(digest, retryLater);
  return bytes;
}

type ChunkName = {
  readonly cluster: string;
  readonly hex: string;
  readonly chunk: number;
  readonly signal?: AbortSignal | undefined;
};

function chunkSubject({ cluster, hex, chunk }: ChunkName): string {
  return `bundle.${safeToken(cluster, 'cluster')}.${hex}.${chunk}`;
}

function readChunk(nats: NatsConnection, name: ChunkName): Promise<StoredBody | undefined> {
  return directGet(nats, { stream: bundleStream, subject: chunkSubject(name), signal: name.signal });
}

async function needChunk(nats: NatsConnection, name: ChunkName): Promise<StoredBody> {
  const chunk = await readChunk(nats, name);
  if (chunk) return chunk;
  throw new FaultError(
    'not_found',
    `chunk ${name.chunk} of bundle sha256:${name.hex} for cluster ${name.cluster} is not stored`,
    { retry: 'later' },
  );
}

function shapeOf(chunk: StoredBody): { chunks: number; sizeBytes: number; packing: string } {
  const chunks = Number(chunk.headers[headerNames.chunks]);
  const sizeBytes = Number(chunk.headers[headerNames.size]);
  if (!Number.isSafeInteger(chunks) || chunks < 1 || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new FaultError('invalid', 'a bundle chunk does not say how many chunks and bytes there are', {
      retry: 'later',
    });
  }
  return { chunks, sizeBytes, packing: chunk.headers[headerNames.packing] ?? '' };
}

async function unpack(
  packed: Buffer,
  { digest, sizeBytes }: { digest: string; sizeBytes: number },
): Promise<Uint8Array> {
  try {
    const options = { maxOutputLength: Math.max(1, sizeBytes) };
    const isQuick = sizeBytes <= quickBytes && packed.length <= mostPackedBytes;
    return isQuick ? zstdDecompressSync(packed, options) : await decompress(packed, options);
  } catch (error) {
    throw new FaultError(
      'invalid',
      `the stored bytes of bundle ${digest} do not decompress to ${sizeBytes} bytes`,
      { retry: 'later', cause: error },
    );
  }
}

/** Bytes as they are stored, and what each of their chunks says of them. */
interface Packing {
  readonly body: Uint8Array;
  readonly sizeBytes: number;
  /** Two hubs may pack the same bytes differently (other zstd versions); chunks of one packing belong together. */
  readonly name: string;
}

async function pack(bytes: Uint8Array): Promise<Packing> {
  const options = { params: { [constants.ZSTD_c_compressionLevel]: 3 }, pledgedSrcSize: bytes.length };
  const body = bytes.length <= quickBytes ? zstdCompressSync(bytes, options) : await compress(bytes, options);
  return { body, sizeBytes: bytes.length, name: sha256(body).slice(0, 16) };
}

/**
 * Stores a packing of one chunk unless some first chunk of the bundle is there; gives whether it did. A server that has no room
 * says so also of what it has already, so then it has not.
 */
async function writeFirst(
  nats: NatsConnection,
  name: { cluster: string; hex: string },
  { body, sizeBytes, name: packing }: Packing,
): Promise<boolean> {
  const part = { count: 1, sizeBytes, packing, body, onlyWhenNone: true };
  try {
    return (await writeChunk(nats, { ...name, chunk: 0 }, part)) === 'stored';
  } catch (error) {
    if (error instanceof FaultError && error.code === 'exhausted') return false;
    throw error;
  }
}

async function writeBundle(
  nats: NatsConnection,
  name: { cluster: string; hex: string },
  { body, sizeBytes, name: packing }: Packing,
): Promise<{ readonly chunks: number; readonly body: Uint8Array }> {
  const count = Math.max(1, Math.ceil(body.length / chunkBytes));
  const write = (chunk: number) =>
    writeChunk(
      nats,
      { ...name, chunk },
      { count, sizeBytes, packing, body: body.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes) },
    );
  for (let next = 0; next < count - 1; next += parallelChunks) {
    const size = Math.min(parallelChunks, count - 1 - next);
    await Promise.all(Array.from({ length: size }, (_, index) => write(next + index)));
  }
  await write(count - 1);
  return { chunks: count, body };
}

interface ChunkPart {
  readonly count: number;
  readonly sizeBytes: number;
  readonly packing: string;
  readonly body: Uint8Array;
  /** The server refuses it when its subject has a message. */
  readonly onlyWhenNone?: boolean;
}

/** Stores a chunk; `refused` only where it was asked to be stored when there is none. */
async function writeChunk(
  nats: NatsConnection,
  name: ChunkName,
  part: ChunkPart,
): Promise<'stored' | 'refused'> {
  const headers = newHeaders();
  headers.set(headerNames.chunks, `${part.count}`);
  headers.set(headerNames.size, `${part.sizeBytes}`);
  headers.set(headerNames.packing, part.packing);
  headers.set(headerNames.expectedStream, bundleStream);
  if (part.onlyWhenNone === true) headers.set(headerNames.expectedSubjectSequence, '0');
  const answer = await ask(nats, {
    subject: chunkSubject(name),
    body: part.body,
    headers,
    timeoutMs: ackTimeoutMs,
  });
  const outcome = readAnswer(answer.data);
  if (outcome.kind === 'stored') return 'stored';
  if (outcome.kind === 'failed') throw outcome.fault;
  if (outcome.kind === 'refused' && part.onlyWhenNone === true) return 'refused';
  throw new FaultError('unavailable', `storing bundle sha256:${name.hex} was not acknowledged`, {
    retry: 'later',
  });
}

async function storedDigests(context: FeedContext, cluster: string): Promise<ReadonlySet<string>> {
  try {
    const info = await context.manager.streams.info(bundleStream, { subjects_filter: `bundle.${cluster}.>` });
    const subjects = Object.keys(info.state.subjects ?? {});
    return new Set(subjects.map((subject) => subject.split('.')[2] ?? ''));
  } catch (error) {
    throw faultOf(error, `listing the bundles of ${cluster}`);
  }
}

async function purge(context: FeedContext, cluster: string, hex: string): Promise<void> {
  try {
    await context.manager.streams.purge(bundleStream, {
      filter: `bundle.${safeToken(cluster, 'cluster')}.${hex}.*`,
    });
  } catch (error) {
    throw faultOf(error, `removing a bundle of ${cluster}`);
  }
}

const retryNever = { retry: 'never' } as const;
const retryLater = { retry: 'later' } as const;

function wrongDigest(digest: string, options: { retry: 'later' | 'never' }): FaultError {
  return new FaultError('invalid', `the bytes are not those of bundle ${digest}`, options);
}

function tooLarge(digest: string, sizeBytes: number): FaultError {
  return new FaultError(
    'invalid',
    `bundle ${digest} of ${sizeBytes} bytes is over the limit of ${maxBundleBytes}`,
    retryNever,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
