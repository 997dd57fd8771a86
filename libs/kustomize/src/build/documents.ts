import { Refusal, refuse } from '../refusal.ts';
import { newResource, type Origin, type Resource } from '../resources/resource.ts';
import { withWrittenNotes } from './written-notes.ts';
import { valueOfPlain } from '../values/of-plain.ts';
import { plainOf, UnwritableError, type Plain } from '../values/plain.ts';
import { readDocuments, type ReadDocument } from '../values/read.ts';
import { fieldOf, isFields, isList, isNull, scalarTextAt, type Fields, type Value } from '../values/value.ts';

interface Waiting {
  readonly value: Value;
  readonly origin: Origin;
  /** For an item of a list: the item is what it says, not where it stands. */
  readonly inList: boolean;
}

/**
 * The resources in the text of a file, in order. Empty documents are passed over; the items of lists come after everything
 * else, as in kustomize (api/resource/factory.go); an object without kind or name is refused.
 */
export function resourcesIn(text: string, file: string): readonly Resource[] {
  const read = readDocuments(text, file);
  if ('errors' in read) throw new Refusal(read.errors);
  const queue = unwrapped(read.documents, file).filter(({ value }) => !isNothing(value));
  const resources: Resource[] = [];
  for (const waiting of queue) {
    const fields = checkedFields(waiting);
    const items = itemsOf(fields, waiting.origin);
    if (items) queue.push(...items.filter(({ value }) => !isNothing(value)));
    else resources.push(withWrittenNotes(newResource(fields, waiting.origin)));
  }
  return resources;
}

/**
 * A file that is one `List` is read as its items, as they are written; the configuration of a function makes it one that has
 * none (kyaml kio.ByteReader).
 */
function unwrapped(documents: readonly ReadDocument[], file: string): Waiting[] {
  const [only] = documents;
  if (only && documents.length === 1 && isFields(only.value)) {
    const { value, lineOf } = only;
    const kind = scalarTextAt(value, ['kind']);
    const items = fieldOf(value, 'items');
    const isWrapping = items !== undefined || fieldOf(value, 'functionConfig') !== undefined;
    if ((kind === 'List' || kind === 'ResourceList') && isWrapping) {
      return (isList(items) ? items : []).map((item, index) => ({
        value: item,
        origin: { file, line: lineOf(['items', index]) },
        inList: true,
      }));
    }
  }
  return documents.map(({ value, lineOf }) => ({ value, origin: { file, line: lineOf([]) }, inList: false }));
}

function isNothing(value: Value): boolean {
  if (isNull(value)) return true;
  if (isList(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}

function checkedFields({ value, origin, inList }: Waiting): Fields {
  if (!isFields(value)) {
    const what = inList ? 'an item of the list' : 'the document';
    refuse({
      ...origin,
      message: `${what} is no Kubernetes object`,
      fix: 'start with apiVersion, kind and metadata',
    });
  }
  const kind = scalarTextAt(value, ['kind']);
  if (kind === '') refuse({ ...origin, field: 'kind', message: 'kind is missing', fix: 'add kind' });
  if (!kind.endsWith('List') && scalarTextAt(value, ['metadata', 'name']) === '')
    refuse({
      ...origin,
      field: 'metadata.name',
      message: `metadata.name of this ${kind} is missing`,
      fix: 'add metadata.name',
    });
  return value;
}

function jsonOf(value: Value, origin: Origin): Plain {
  try {
    return plainOf(value);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    const { message, fix } = error;
    return refuse({ ...origin, message: `the list cannot be taken apart: ${message}`, fix });
  }
}

/** The items of a kind that ends in `List`; they go through JSON on the way, as in kustomize. */
function itemsOf(fields: Fields, origin: Origin): Waiting[] | undefined {
  if (!scalarTextAt(fields, ['kind']).endsWith('List')) return undefined;
  const items = fieldOf(fields, 'items');
  if (items === undefined) return undefined;
  // The list itself goes through JSON, too.
  jsonOf(fields, origin);
  if (isNull(items)) return [];
  if (!isList(items))
    refuse({ ...origin, field: 'items', message: 'items must be a list', fix: 'write a list' });
  return items.map((item) => ({ value: valueOfPlain(jsonOf(item, origin)), origin, inList: true }));
}
