/**
 * Waits for what a server does in its own time. A question that the server drops counts as not answered yet: a real one does so with
 * those about a kind whose definition changes meanwhile. Throws `otherwise` after a minute, or as long as told.
 */
export async function until(
  isTrue: () => Promise<boolean>,
  otherwise: string,
  timeoutMs = 60_000,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  const answered = () => isTrue().catch(falseIfDropped);
  while (!(await answered())) {
    if (performance.now() > giveUpAt) throw new Error(`${otherwise} after ${String(timeoutMs / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function falseIfDropped(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return false;
  throw error;
}
