import { errorText } from '@meridian/runtime';
import type { Part } from '@meridian/runtime';

/** A part that runs `work` until its signal aborts. When `work` ends before that or throws, the service stops. */
export function loopPart(name: string, work: (signal: AbortSignal) => Promise<void>): Part {
  let ended: Promise<void> | undefined;
  return {
    name,
    async start({ signal, fail }) {
      ended = work(signal).then(
        () => {
          if (!signal.aborted) fail(new Error(`${name} ended by itself`));
        },
        (error: unknown) => {
          if (!signal.aborted) fail(new Error(`${name}: ${errorText(error)}`, { cause: error }));
        },
      );
    },
    stop: async () => ended,
  };
}
