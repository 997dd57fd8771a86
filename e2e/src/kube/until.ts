/** Waits for what a server does in its own time. Throws `otherwise` after 15 s. */
export async function until(isTrue: () => Promise<boolean>, otherwise: string): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error(`${otherwise} after 15 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
