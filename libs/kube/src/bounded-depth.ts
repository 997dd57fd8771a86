import type { Json, JsonObject } from '@meridian/manifests';

/**
 * How deep objects may be. People write them less than 30 deep, and what is built from git is at most 100; an API server takes
 * 10,000 levels where a schema leaves it open, and whoever walks through these by recursion runs out of stack.
 */
export const deepest = 500;

/** Whether a value has values more than `levels` below it. */
export function isDeeper(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (isList(value)) return value.some((item) => isDeeper(item, levels - 1));
  // Asked of every object of every list: an array of the values would be half of what it costs.
  for (const name in value) if (isDeeper(value[name], levels - 1)) return true;
  return false;
}

/** The value with null for every list and map that is more than `levels` below it. */
export function cutBelow(value: Json, levels: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (isList(value)) return value.map((item) => cutBelow(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cutBelow(item, levels - 1)]));
}

const isList = (value: JsonObject | readonly Json[]): value is readonly Json[] => Array.isArray(value);
