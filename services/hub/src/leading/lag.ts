import type { Clock } from '@meridian/runtime';

const beatMs = 100;

/** Waits until this process was held up for longer than `limitMs`, or until the signal aborts. Gives the delay. */
export async function heldUp(clock: Clock, limitMs: number, signal: AbortSignal): Promise<number> {
  while (!signal.aborted) {
    const before = clock.monotonicMs();
    await clock.wait(beatMs, signal);
    const delayMs = clock.monotonicMs() - before - beatMs;
    if (delayMs > limitMs && !signal.aborted) return delayMs;
  }
  return 0;
}
