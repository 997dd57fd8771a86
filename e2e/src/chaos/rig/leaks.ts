import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Violation } from '../audit/facts.ts';

/** I9: no log holds a key or a token. Gives each log that does; the secret itself is not told again. */
export async function leakedSecrets(logs: string, secrets: readonly string[]): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const name of await readdir(logs)) {
    const text = await readFile(join(logs, name), 'utf8');
    if (secrets.some((secret) => text.includes(secret)))
      found.push({ invariant: 'I9', atMs: Date.now(), message: `${name} holds a secret` });
  }
  return found;
}
