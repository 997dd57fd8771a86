import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Caught } from './hunt.ts';

const path = join(import.meta.dirname, 'known-seeds.json');
const shape = z.record(z.string(), z.number().int().positive());

/** The seeds that showed mutants last, by their names. Where worlds have changed since, the hunt finds others. */
export function readKnownSeeds(): { readonly [name: string]: number } {
  return shape.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Keeps the seeds of those that were caught beside the ones that are known. */
export function keepKnownSeeds(caught: readonly Caught[]): void {
  const found = caught.flatMap(({ name, seed }) => (seed === undefined ? [] : [[name, seed] as const]));
  const all = Object.entries({ ...readKnownSeeds(), ...Object.fromEntries(found) });
  const sorted = Object.fromEntries(all.sort(([left], [right]) => (left < right ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
