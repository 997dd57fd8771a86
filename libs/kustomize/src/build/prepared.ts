import { keepTexts } from '../kept-texts.ts';
import { OperationProblem } from '../merge/json-document.ts';
import { keepAfterJson } from '../merge/through-json.ts';
import { keepWithoutContainers } from '../transforms/images.ts';
import { keptPlainOf, UnwritableError } from '../values/plain.ts';
import type { Fields } from '../values/value.ts';
import type { Resources } from './step.ts';

const prepared = new WeakSet<Resources>();

/**
 * Finds out, once for each base, what every overlay above it would find out about the parts of its objects that it leaves
 * alone. It is kept with the parts and changes no result.
 */
export function prepare(resources: Resources): void {
  if (prepared.has(resources)) return;
  prepared.add(resources);
  for (const { fields } of resources) {
    keepWithoutContainers(fields);
    keepWritten(fields);
  }
}

/** An object that cannot be written may still be corrected by an overlay. */
function keepWritten(fields: Fields): void {
  try {
    const plain = keptPlainOf(fields);
    keepTexts(plain);
    keepAfterJson(plain);
  } catch (error) {
    if (!(error instanceof UnwritableError || error instanceof OperationProblem)) throw error;
  }
}
