import type { Part } from '@meridian/runtime';

/** A loop that runs from start to the end of the service. */
export function loopPart(name: string, run: (signal: AbortSignal) => Promise<void>): Part {
  let running: Promise<void> | undefined;
  return {
    name,
    async start({ signal, fail }) {
      running = run(signal).catch((error: unknown) => {
        if (!signal.aborted) fail(error);
      });
    },
    stop: async () => running,
  };
}
