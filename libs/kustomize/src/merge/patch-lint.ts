import type { Step } from '../build/step.ts';
import { isFields, isList, isNull, fieldOf, type Fields, type Value } from '../values/value.ts';
import { textIn } from './items.ts';
import { pointerOf } from './json-document.ts';
import type { Operation } from './json-patch.ts';

/** Something in a patch that kustomize does not do as its author hardly knows. */
interface Surprise {
  readonly path: readonly string[];
  readonly message: string;
  readonly fix: string;
}

const found = new WeakMap<Fields, readonly Surprise[]>();

/** Warns of what a strategic merge patch asks for and kustomize does not do, or leaves in the object. */
export function warnOfMerge(patch: Fields, { place, warn }: Step): void {
  let surprises = found.get(patch);
  if (!surprises) {
    surprises = firstOf(surprisesIn(patch, []));
    found.set(patch, surprises);
  }
  for (const { path, message, fix } of surprises)
    warn({ ...place, message: `${message} (at ${path.join('.')})`, fix });
}

/** Nobody reads more warnings about one patch. */
const mostTold = 10;

function firstOf<Warning>(warnings: Iterable<Warning>): readonly Warning[] {
  const told: Warning[] = [];
  for (const warning of warnings) if (told.push(warning) === mostTold) break;
  return told;
}

function* surprisesIn(value: Value, path: readonly string[]): Generator<Surprise> {
  if (isList(value)) {
    for (const [index, item] of value.entries()) yield* inItem(item, [...path, String(index)]);
  }
  if (!isFields(value)) return;
  if (path.length === 0 && textIn(fieldOf(value, '$patch')) === 'replace')
    yield {
      path: ['$patch'],
      message: 'kustomize does not replace a whole object: the patch does nothing',
      fix: 'replace fields below the root',
    };
  for (const [key, child] of Object.entries(value)) {
    if (isUnknownDirective(key)) yield leaked([...path, key], key);
    yield* surprisesIn(child, [...path, key]);
  }
}

function isUnknownDirective(key: string): boolean {
  return (
    key === '$retainKeys' ||
    key.startsWith('$setElementOrder/') ||
    key.startsWith('$deleteFromPrimitiveList/')
  );
}

function leaked(path: readonly string[], key: string): Surprise {
  return {
    path,
    message: `kustomize does not know ${key} and leaves it in the object`,
    fix: 'remove it; delete what is not wanted with null or $patch: delete',
  };
}

function* inItem(item: Value, path: readonly string[]): Generator<Surprise> {
  if (isFields(item) && Object.keys(item).length > 1 && textIn(fieldOf(item, '$patch')) === 'replace')
    yield {
      path: [...path, '$patch'],
      message: 'kustomize does not replace an item of a list that is there already',
      fix: 'replace the list with an item that is only $patch: replace, or null the fields that must go',
    };
  yield* surprisesIn(item, path);
}

/** Warns of nulls that a patch with a target writes as the text `null`. */
export function warnOfNullTexts(patch: Fields, { place, warn }: Step): void {
  for (const { message, fix } of firstOf(nullTexts(patch))) warn({ ...place, message, fix });
}

type Told = Pick<Surprise, 'message' | 'fix'>;

function* nullTexts(patch: Fields): Generator<Told> {
  const metadata = fieldOf(patch, 'metadata');
  for (const map of ['labels', 'annotations']) {
    const entries = isFields(metadata) ? fieldOf(metadata, map) : undefined;
    for (const [key, value] of Object.entries(isFields(entries) ? entries : {})) {
      if (!isNull(value)) continue;
      const text = JSON.stringify(textIn(value));
      yield {
        message: `kustomize does not remove metadata.${map}.${key} here but sets it to the text ${text}`,
        fix: 'remove it with a JSON patch, or with a patch without a target',
      };
    }
  }
}

/** Warns of operations that kustomize reads or carries out in a way of its own. */
export function warnOfOperations(operations: readonly Operation[], { place, warn }: Step): void {
  for (const { message, fix } of firstOf(oddOperations(operations))) warn({ ...place, message, fix });
}

function* oddOperations(operations: readonly Operation[]): Generator<Told> {
  for (const [index, { op, path, from }] of operations.entries()) {
    const number = `operation ${index + 1}`;
    if (typeof path === 'string' && path !== '' && !path.startsWith('/') && pointerOf(path))
      yield {
        message: `${number}: kustomize drops ${path.slice(0, path.indexOf('/'))} at the start of the path ${path}`,
        fix: 'start the path with a slash',
      };
    if ((op === 'copy' || op === 'move') && (from === '/metadata' || from === '/metadata/annotations'))
      yield {
        message: `${number}: kustomize keeps notes of its own in annotations, and this takes them along`,
        fix: 'copy single annotations',
      };
  }
}
