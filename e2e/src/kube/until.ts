/** Waits for what a server does in its own time. Throws `otherwise` after 15 s, or as long as told. */
export async function until(
  isTrue: () => Promise<boolean>,
  otherwise: string,
  timeoutMs = 15_000,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error(`${otherwise} after ${String(timeoutMs / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
