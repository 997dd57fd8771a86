import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file so that a reader sees the old text or the new, never half of it. */
export function writeWhole(path: string, text: string, mode = 0o644): void {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, path);
}

/** `writeWhole` of indented JSON. */
export function writeJson(path: string, value: unknown, mode = 0o644): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/** A JSON object from a file; undefined when the file is missing or holds something else. */
export function readJsonObject(path: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a file that is made once and kept: what `make` gives on the first call. Written so that only the owner can read it. */
export async function keptSecret(path: string, make: () => string | Promise<string>): Promise<string> {
  if (!existsSync(path)) writeWhole(path, await make(), 0o600);
  return readFileSync(path, 'utf8');
}
