import type { ReadDocument } from '../values/read.ts';
import { fieldOf, isFields, isList, scalarTextAt, type Fields, type Value } from '../values/value.ts';
import type { Change } from './history.ts';
import { indexOfSame } from './same-item.ts';

type Path = readonly (string | number)[];

/** The line of a patch, read as documents, that says a value; undefined when none does. */
export function lineInPatch(documents: readonly ReadDocument[], change: Change): number | undefined {
  const several = documents.length > 1;
  for (const { value, lineOf } of documents) {
    if (isList(value)) {
      const operation = operationAt(value, change.path);
      if (operation !== undefined) return lineOf([operation, 'path']);
    } else if (isFields(value) && (!several || isFor(value, change.fields))) {
      const path = pathIn(value, change);
      if (path) return lineOf(path);
    }
  }
  return undefined;
}

function isFor(patch: Fields, object: Fields): boolean {
  const name = scalarTextAt(patch, ['metadata', 'name']);
  return (
    scalarTextAt(patch, ['kind']) === scalarTextAt(object, ['kind']) &&
    scalarTextAt(object, ['metadata', 'name']).includes(name)
  );
}

/** The last operation of a JSON patch that writes to a field or to what holds it. */
function operationAt(operations: readonly Value[], path: Path): number | undefined {
  const index = operations.findLastIndex((operation) => {
    const pointer = scalarTextAt(operation, ['path']);
    if (scalarTextAt(operation, ['op']) === 'test' || !pointer.startsWith('/')) return false;
    const steps = pointer
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return steps.length <= path.length && steps.every((step, at) => isMeant(step, path[at]));
  });
  return index < 0 ? undefined : index;
}

function isMeant(step: string, at: string | number | undefined): boolean {
  return step === String(at) || (typeof at === 'number' && /^-\d*$/.test(step));
}

/** The path in a patch to what it says of a field of the object; undefined when it says nothing. */
function pathIn(patch: Fields, { fields, path }: Change): Path | undefined {
  let inPatch: Value | undefined = patch;
  let inObject: Value | undefined = fields;
  const found: (string | number)[] = [];
  for (const step of path) {
    const next = nextIn(inPatch, inObject, step);
    if (!next) return undefined;
    [inPatch, inObject] = [next.inPatch, next.inObject];
    found.push(next.step);
  }
  return found;
}

interface Next {
  readonly step: string | number;
  readonly inPatch: Value;
  readonly inObject: Value | undefined;
}

function nextIn(
  inPatch: Value | undefined,
  inObject: Value | undefined,
  step: string | number,
): Next | undefined {
  if (typeof step === 'number') {
    if (!isList(inPatch) || !isList(inObject)) return undefined;
    const index = indexOfSame(inObject, step, inPatch);
    const item = index === undefined ? undefined : inPatch[index];
    return index === undefined || item === undefined
      ? undefined
      : { step: index, inPatch: item, inObject: inObject[step] };
  }
  const value = isFields(inPatch) ? fieldOf(inPatch, step) : undefined;
  if (value === undefined) return undefined;
  return { step, inPatch: value, inObject: isFields(inObject) ? fieldOf(inObject, step) : undefined };
}
