/** Lets at most `limit` pieces of work run at once; the rest wait in order. One for the whole agent bounds its API calls. */
export interface Limiter {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes a limiter. Its queue is as long as its callers are many, which are bounded by the objects they apply. */
export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  const enter = (): Promise<void> | undefined => {
    if (running < limit) {
      running += 1;
      return undefined;
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
