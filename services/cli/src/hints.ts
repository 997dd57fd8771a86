import type { FleetClient } from './fleet-client.ts';

/** Says when to look again: at once on an event of the fleet, or after a while. */
export interface Hints {
  /** Resolves on the next event, after `ms`, or when the command stops. */
  next(ms: number): Promise<void>;
  close(): void;
}

/** Listens to one of the hub's event streams in the background and opens it again when it breaks. Losing an event costs latency only. */
export function createHints(api: FleetClient, path: string, stop: AbortSignal): Hints {
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, stop]);
  let pending = false;
  let wake = () => undefined as void;
  const hint = () => {
    pending = true;
    wake();
  };
  const listen = async () => {
    while (!signal.aborted) {
      for await (const _event of api.events(path, signal)) hint();
      await pause(1_000, signal);
    }
  };
  void listen().catch(() => undefined);
  return {
    async next(ms) {
      if (!pending) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await pause(ms, AbortSignal.any([woken.signal, signal]));
      }
      pending = false;
    },
    close: () => closing.abort(),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
