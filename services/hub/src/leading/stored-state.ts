import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decodeState, encodeState } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import { errorText } from '@meridian/runtime';

/** States up to this length are stored as readable JSON. A message of the ledger has at most 1 MB (`max_payload`). */
const mostPlainChars = 64 * 1024;
/** No state comes near; a record that claims to be larger is damaged. */
const mostBytes = 256 * 1024 * 1024;
/** First bytes of a zstd frame (RFC 8878 §3.1.1); JSON cannot begin so. */
const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** A rollout's state as a record of the ledger holds it: JSON, or compressed JSON when it is long. */
export function packState(state: RolloutState): string | Uint8Array {
  const text = encodeState(state);
  return text.length <= mostPlainChars ? text : zstdCompressSync(text);
}

/** Reads what `packState` wrote. A refusal says what is wrong with it. */
export function unpackState(body: Uint8Array): ReturnType<typeof decodeState> {
  const bytes = Buffer.from(body);
  if (!bytes.subarray(0, frame.length).equals(frame)) return decodeState(bytes.toString('utf8'));
  try {
    return decodeState(zstdDecompressSync(bytes, { maxOutputLength: mostBytes }).toString('utf8'));
  } catch (error) {
    return { ok: false, reason: `the stored rollout cannot be decompressed: ${errorText(error)}` };
  }
}
