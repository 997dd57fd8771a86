const parallelAsks = 16;

/** Does the work for every item, 16 at a time. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const next = items.values();
  const worker = async () => {
    for (const item of next) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallelAsks, items.length) }, worker));
}
