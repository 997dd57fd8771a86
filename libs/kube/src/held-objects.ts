/** Most objects that are left alone at once; of more, the first ones are forgotten. */
const mostHeld = 1_000;

/** Until when single objects are left alone, because the API server has refused to write them for now. */
export interface HeldObjects {
  /** Leaves what is asked for by these words alone until then, in monotonic milliseconds. */
  hold(text: string, untilMs: number): void;
  /** How long it is left alone still, in milliseconds; 0 when it is not. */
  waitMs(text: string, nowMs: number): number;
}

/** Makes an empty one. */
export function createHeldObjects(): HeldObjects {
  const until = new Map<string, number>();
  return {
    hold(text, untilMs) {
      until.delete(text);
      until.set(text, untilMs);
      const [first] = until.keys();
      if (until.size > mostHeld && first !== undefined) until.delete(first);
    },
    waitMs(text, nowMs) {
      const left = (until.get(text) ?? nowMs) - nowMs;
      if (left <= 0) until.delete(text);
      return Math.max(0, left);
    },
  };
}
