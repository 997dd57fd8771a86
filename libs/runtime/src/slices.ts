/** Long work in slices, so that whatever else the process has to do comes in between. */
export interface Slices {
  /**
   * To be awaited between two steps of long work. Undefined while the present slice lasts; else it resolves once the event
   * loop has been around, and a slice begins. Of those who wait one goes on in each round, in the order they came.
   */
  between(): Promise<void> | undefined;
}

/** All at once, where nobody waits for anything else. */
export const unsliced: Slices = { between: () => undefined };

/** What slices are cut by. */
export interface SlicesOptions {
  /** How long work goes on before others have their turn, in milliseconds; 8 unless told. */
  readonly sliceMs?: number;
  /** Monotonic time in milliseconds; the machine's unless told. */
  readonly nowMs?: () => number;
  /** Calls back once the event loop has been around; `setImmediate` unless told. */
  readonly later?: (go: () => void) => void;
}

/** Slices for all long work of a process: those who share them never hold the event loop up one after another. */
export function createSlices({
  sliceMs = 8,
  nowMs = () => performance.now(),
  later = (go) => void setImmediate(go),
}: SlicesOptions = {}): Slices {
  const waiting: (() => void)[] = [];
  let beganMs = -Infinity;

  const goOn = () => {
    beganMs = nowMs();
    waiting.shift()?.();
    // One in each round: callbacks that are due together run without looking at sockets and timers in between.
    if (waiting.length > 0) later(goOn);
  };

  return {
    between() {
      if (nowMs() - beganMs < sliceMs) return undefined;
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) later(goOn);
      });
    },
  };
}
