import { refuse } from '../refusal.ts';
import { plainOf, UnwritableError } from './plain.ts';
import { readDocuments } from './read.ts';

/** Refuses a file of YAML or JSON that has a key twice in one mapping; the reading of resources takes note of such keys. */
export function refuseRepeatedKeys(content: string, file: string): void {
  const read = readDocuments(content, file);
  const [document] = 'errors' in read ? [] : read.documents;
  try {
    if (document) plainOf(document.value);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    const { path, message, fix } = error;
    refuse({ file, line: document?.lineOf(path) ?? 1, message, fix });
  }
}
