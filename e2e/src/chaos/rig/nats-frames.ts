import type { Random } from '../../simulation/random.ts';

/** A frame of the NATS protocol; messages are what a network without order might give twice or in another one. */
interface Frame {
  readonly bytes: Buffer;
  readonly isMessage: boolean;
}

const lineEnd = Buffer.from('\r\n');
/** Operations with a payload, whose length is the last word of the line (https://docs.nats.io/reference/reference-protocols/nats-protocol). */
const withPayload = new Set(['MSG', 'HMSG', 'PUB', 'HPUB']);
const odds = { twice: 0.2, swapped: 0.3, late: 0.1 } as const;

/**
 * A function that takes the bytes of one direction of one connection from its beginning on, and gives messages now and then twice,
 * in another order, or with the next bytes only. Everything comes at least once, and whatever is no message as it was.
 */
export function disorderly(random: Random): (chunk: Buffer) => Buffer {
  let rest: Buffer = Buffer.alloc(0);
  let late: Frame[] = [];
  return (chunk) => {
    const { frames, left } = framesOf(Buffer.concat([rest, chunk]));
    rest = left;
    const [kept, sent] = split(
      [...frames, ...late],
      ({ isMessage }) => isMessage && random.chance(odds.late),
    );
    late = kept;
    const doubled = sent.flatMap((frame) =>
      frame.isMessage && random.chance(odds.twice) ? [frame, frame] : [frame],
    );
    for (let at = 1; at < doubled.length; at += 1) {
      const [before, frame] = [doubled[at - 1], doubled[at]];
      if (before?.isMessage && frame?.isMessage && random.chance(odds.swapped))
        doubled.splice(at - 1, 2, frame, before);
    }
    return Buffer.concat(doubled.map(({ bytes }) => bytes));
  };
}

function framesOf(bytes: Buffer): { readonly frames: readonly Frame[]; readonly left: Buffer } {
  const frames: Frame[] = [];
  let left = bytes;
  for (;;) {
    const size = frameSize(left);
    if (size === undefined || size > left.length) return { frames, left };
    const frame = left.subarray(0, size);
    frames.push({ bytes: frame, isMessage: withPayload.has(operationOf(frame)) });
    left = left.subarray(size);
  }
}

/** How many bytes the first frame has; undefined while its line is not there whole. */
function frameSize(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(lineEnd);
  if (end < 0) return undefined;
  const line = end + lineEnd.length;
  if (!withPayload.has(operationOf(bytes))) return line;
  const length = Number(bytes.toString('latin1', 0, end).split(' ').at(-1));
  return line + length + lineEnd.length;
}

function operationOf(bytes: Buffer): string {
  return /^[A-Za-z+-]*/.exec(bytes.toString('latin1', 0, 8))?.[0].toUpperCase() ?? '';
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}
