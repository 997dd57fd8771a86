import { forbiddenKeys, yamlLimits } from '@meridian/manifests';
import { plainOf, UnwritableError, type Plain } from '../values/plain.ts';
import { readConfiguration } from '../values/read.ts';

/** A text that was read, or why it cannot be. */
export type Read<Result> = Result | { readonly problem: string };

/** What a text holds. */
export interface Document {
  readonly value: Plain;
}

/**
 * Reads a text that may be JSON or YAML as kustomize does: one that starts with the bracket of the document that is wanted
 * must be JSON, any other is YAML, of which the first document counts. An empty text is null.
 */
export function readJsonOrYaml(text: string, file: string, bracket: '[' | '{'): Read<Document> {
  return text.startsWith(bracket) ? parsedJson(text) : parsedYaml(text, file);
}

function parsedJson(text: string): Read<Document> {
  try {
    const value: unknown = JSON.parse(text);
    return isSafe(value, 0)
      ? { value }
      : { problem: `it nests too deep or has one of the keys ${forbidden}` };
  } catch (error) {
    if (error instanceof SyntaxError)
      return { problem: `a text that starts with ${text.charAt(0)} must be JSON` };
    throw error;
  }
}

function parsedYaml(text: string, file: string): Read<Document> {
  const read = readConfiguration(text, file);
  if ('errors' in read) {
    const [first] = read.errors;
    return { problem: `line ${first?.line ?? 1}: ${first?.message ?? 'it cannot be read'}` };
  }
  try {
    return { value: plainOf(read.documents[0]?.value ?? null) };
  } catch (error) {
    if (error instanceof UnwritableError) return { problem: error.message };
    throw error;
  }
}

const forbidden = [...forbiddenKeys].join(', ');

/** JSON has not been through the YAML reader, which refuses what is not safe to work on. */
function isSafe(value: unknown, depth: number): value is Plain {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= yamlLimits.maxDepth) return false;
  return Object.entries(value).every(
    ([key, child]) => (Array.isArray(value) || !forbiddenKeys.has(key)) && isSafe(child, depth + 1),
  );
}
