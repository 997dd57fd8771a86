import { Refusal, refuse } from '../refusal.ts';
import { plainOf } from '../values/plain.ts';
import { readConfiguration } from '../values/read.ts';
import { replacementShape, type ReplacementFields } from './kustomization-fields.ts';
import { listOf } from './shape.ts';
import type { Step } from './step.ts';

const replacementList = listOf(replacementShape);

/** Replacements with those in files read; a file holds one or a list (ReplacementTransformer.Config). */
export function replacementsOf(
  entries: readonly ReplacementFields[],
  step: Step,
): readonly ReplacementFields[] {
  return entries.flatMap((entry) => {
    const { path = '', source, targets = [] } = entry;
    if (path === '') return [entry];
    if (source || targets.length > 0)
      refuse({
        ...step.place,
        message: `path ${path} and a replacement are both given`,
        fix: 'keep one of them',
      });
    return inFile(path, step);
  });
}

function inFile(path: string, step: Step): readonly ReplacementFields[] {
  const read = readConfiguration(step.readText(path), path);
  if ('errors' in read) throw new Refusal(read.errors);
  const [document] = read.documents;
  const plain = document === undefined ? null : plainOf(document.value);
  if (document === undefined || typeof plain !== 'object' || plain === null)
    refuse({ ...step.place, message: `${path} holds no replacement`, fix: 'write source and targets' });
  const reading = { file: path, lineOf: document.lineOf, lenient: true, unsupported: {}, errors: [] };
  const items = replacementList.read(Array.isArray(plain) ? plain : [plain], [], reading);
  if (items === undefined || reading.errors.length > 0) throw new Refusal(reading.errors);
  return items;
}
