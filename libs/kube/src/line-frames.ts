import { FaultError } from '@meridian/runtime';

/** Cuts bytes into lines. */
export interface LineFrames {
  /** The lines that `chunk` completes, without their newline; empty lines are skipped. Throws `exhausted` over the cap. */
  push(chunk: Buffer): string[];
  /** Bytes of a line that is not complete. */
  readonly pendingBytes: number;
}

const newline = 0x0a;

/** A cutter whose lines are at most `maxBytes` long. Bytes are decoded a line at a time, so a character split over chunks is whole. */
export function lineFrames(maxBytes: number): LineFrames {
  let pieces: Buffer[] = [];
  let pendingBytes = 0;
  const keep = (piece: Buffer) => {
    pendingBytes += piece.length;
    if (pendingBytes > maxBytes) {
      throw new FaultError('exhausted', `a line of the watch is longer than ${maxBytes} bytes`, {
        retry: 'later',
      });
    }
    if (piece.length > 0) pieces.push(piece);
  };
  const take = (): string => {
    const [first] = pieces;
    const line =
      pieces.length === 1 && first ? first.toString('utf8') : Buffer.concat(pieces).toString('utf8');
    pieces = [];
    pendingBytes = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end));
        if (pendingBytes > 0) lines.push(take());
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
    get pendingBytes() {
      return pendingBytes;
    },
  };
}
