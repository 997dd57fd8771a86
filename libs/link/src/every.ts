import type { Clock } from '@meridian/runtime';

/** Looks again and again, `ms` after the look before, until the signal aborts. */
export async function every(
  ms: number,
  look: () => void,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await clock.wait(ms, signal);
    if (signal.aborted) return;
    look();
  }
}
