import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Mutant, Patch } from './mutant.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A text with a patch. Throws when the text to replace is not there exactly once: then the mutant has to be looked at. */
export function patched(source: string, { file, from, to }: Patch): string {
  const found = source.split(from).length - 1;
  if (found === 1) return source.replace(from, () => to);
  throw new Error(`${file} has the text of a mutant ${found} times, and must have it once: ${from}`);
}

/** Every patch of a mutant on the sources as they are; throws as `patched` does. */
export function sourcesOf({ patches }: Mutant): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const patch of patches) {
    const path = join(root, patch.file);
    const url = pathToFileURL(path).href;
    sources.set(url, patched(sources.get(url) ?? readFileSync(path, 'utf8'), patch));
  }
  return sources;
}

/** Loads the sources of a mutant in the place of those on the disk, in this thread. Call it before they are imported. */
export function installMutant(mutant: Mutant): void {
  const sources = sourcesOf(mutant);
  registerHooks({
    load(url, context, next) {
      const source = sources.get(url);
      const loaded = next(url, context);
      return source === undefined ? loaded : { ...loaded, source };
    },
  });
}
