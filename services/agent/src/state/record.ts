import { hash } from 'node:crypto';
import { phases } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import { z } from 'zod';
import { isHigher } from '../assignments/acceptance.ts';
import { isJsonObject } from '../json.ts';
import type { ApplicationRecord } from '../ports.ts';

const hookRecordSchema = z.object({
  bundle: z.string(),
  generation: z.number().int(),
  runs: z.array(
    z.object({
      id: z.string(),
      phase: z.enum(phases),
      attempt: z.number().int().min(1),
      state: z.enum(['running', 'succeeded', 'failed']),
      uid: z.string(),
      reason: z.string(),
    }),
  ),
});

const driftSchema = z.object({
  key: z.object({ group: z.string(), kind: z.string(), namespace: z.string(), name: z.string() }),
  change: z.enum(['modified', 'deleted']),
  manager: z.string(),
  fields: z.array(z.object({ path: z.string(), desired: z.string(), live: z.string() })),
  firstSeenMs: z.number(),
  healedAtMs: z.number().exactOptional(),
});

/** Objects that this agent has prepared itself; the server checks the rest of them. */
const kubeObjectSchema = z.custom<KubeObject>(
  (value) =>
    isJsonObject(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isJsonObject(value['metadata']) &&
    typeof value['metadata']['name'] === 'string',
);

const headSchema = z.object({
  version: z.literal(1),
  application: z.string(),
  clusterUid: z.string().exactOptional(),
  writes: z.number().int().min(0),
  mark: z.object({ incarnation: z.string(), term: z.number().int(), generation: z.number().int() }),
  envelope: z.object({
    payloadType: z.string(),
    payload: z.string(),
    signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })),
  }),
  traceparent: z.string().optional(),
  inventory: z.array(
    z.object({
      group: z.string(),
      kind: z.string(),
      namespace: z.string(),
      name: z.string(),
      apiVersion: z.string(),
      uid: z.string(),
      ended: z.string().exactOptional(),
    }),
  ),
  appliedAtMs: z.number().optional(),
  removed: z.number().int().min(0).optional(),
  hooks: hookRecordSchema.optional(),
  // History is not worth losing the record for.
  drift: z.array(driftSchema).catch([]).exactOptional(),
  endHooks: z.array(kubeObjectSchema).optional(),
});

/** Everything of a record but the bundle, as JSON text. */
export function encodeHead(record: ApplicationRecord): string {
  const { bundle: _bundle, ...head } = record;
  return JSON.stringify({ version: 1, ...head });
}

/** Undoes `encodeHead`; throws FaultError when the text is not one. */
export function decodeHead(text: string, bundle: Uint8Array | undefined): ApplicationRecord {
  const parsed = headSchema.safeParse(parseJson(text));
  if (!parsed.success) throw damaged(parsed.error.issues[0]?.message ?? 'it cannot be read');
  const { version: _version, traceparent, appliedAtMs, removed, hooks, endHooks, ...head } = parsed.data;
  return {
    ...head,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(appliedAtMs === undefined ? {} : { appliedAtMs }),
    ...(removed === undefined ? {} : { removed }),
    ...(hooks === undefined ? {} : { hooks }),
    ...(endHooks === undefined ? {} : { endHooks }),
    ...(bundle === undefined ? {} : { bundle }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(errorText(error));
  }
}

const magic = 'meridian-state-1\n';

/** A record as bytes of one file: a line that names the format, a line with lengths and digest, then head and bundle. */
export function encodeRecord(record: ApplicationRecord): Uint8Array {
  const head = Buffer.from(encodeHead(record));
  const bundle = record.bundle ?? new Uint8Array();
  const content = Buffer.concat([head, bundle]);
  const line = `${head.length} ${record.bundle ? bundle.length : -1} ${hash('sha256', content)}\n`;
  return Buffer.concat([Buffer.from(magic + line), content]);
}

/** Undoes `encodeRecord`; throws FaultError when any byte is not as it was written. */
export function decodeRecord(bytes: Uint8Array): ApplicationRecord {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.indexOf('\n', magic.length) + 1;
  if (start === 0 || buffer.toString('utf8', 0, magic.length) !== magic)
    throw damaged('it does not start as one');
  const [headLength = 0, bundleLength = 0] = buffer
    .toString('utf8', magic.length, start)
    .split(' ')
    .map(Number);
  const digest = buffer.toString('utf8', magic.length, start).trim().split(' ')[2];
  const content = buffer.subarray(start);
  if (content.length !== headLength + Math.max(0, bundleLength) || hash('sha256', content) !== digest) {
    throw damaged('its digest does not match');
  }
  const bundle = bundleLength < 0 ? undefined : new Uint8Array(content.subarray(headLength));
  return decodeHead(content.toString('utf8', 0, headLength), bundle);
}

const damaged = (why: string): FaultError =>
  new FaultError('invalid', `the kept state is damaged: ${why}`, { retry: 'never' });

/** The later of two copies of one application's record; a bundle that only the other has is taken along. */
export function laterOf(
  left: ApplicationRecord | undefined,
  right: ApplicationRecord | undefined,
): ApplicationRecord | undefined {
  if (!left || !right) return left ?? right;
  const [later, earlier] = isLater(right, left) ? [right, left] : [left, right];
  const sameContent = earlier.envelope.payload === later.envelope.payload;
  if (later.bundle || !sameContent || !earlier.bundle) return later;
  return { ...later, bundle: earlier.bundle };
}

/** Whether `left` was made after `right`: higher mark, or more writes at the same one. */
export function isLater(left: ApplicationRecord, right: ApplicationRecord): boolean {
  if (isHigher(left.mark, right.mark)) return true;
  if (isHigher(right.mark, left.mark)) return false;
  return left.writes > right.writes;
}
