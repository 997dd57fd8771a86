import { readConfiguration, readDocuments, type ReadDocument } from '../values/read.ts';
import { fieldOf, isFields, isList, type Value } from '../values/value.ts';
import type { Change } from './history.ts';
import { lineInPatch } from './patch-lines.ts';
import type { Provenance } from './provenance.ts';

/** A place in a file. */
export interface WrittenPlace {
  readonly file: string;
  /** Counted from 1; undefined when only the file is known. */
  readonly line?: number;
}

type Path = readonly (string | number)[];

/** Finds the lines on which values are written, by reading the files of a build again: a build itself keeps none. */
export class WrittenLines {
  readonly #provenance: Provenance;
  readonly #blocks = new Map<string, Block | undefined>();
  readonly #documents = new Map<string, readonly ReadDocument[]>();

  constructor(provenance: Provenance) {
    this.#provenance = provenance;
  }

  /** Where a file of objects says the value. */
  inObjects({ source, path }: Change): WrittenPlace {
    const { file, line } = source;
    for (const { value, lineOf } of this.#read(file)) {
      if (lineOf([]) === line) return { file, line: lineOf(path) };
      const items = isFields(value) ? fieldOf(value, 'items') : undefined;
      const index = isList(items) ? items.findIndex((_, at) => lineOf(['items', at]) === line) : -1;
      if (index >= 0) return { file, line: lineOf(['items', index, ...path]) };
    }
    return { file, ...(line === undefined ? {} : { line }) };
  }

  /** Where the patch of an entry says the value, in the entry or in a file that it names; undefined when it is not found. */
  inPatch(change: Change): WrittenPlace | undefined {
    const { reads = [] } = change.source;
    for (const file of reads) {
      const line = lineInPatch(this.#read(file), change);
      if (line !== undefined) return { file, line };
    }
    const [only] = reads;
    if (only !== undefined) return reads.length === 1 ? { file: only } : undefined;
    return this.#inEntry(change);
  }

  /** The file of a generator that holds the value of a key. */
  inGenerated({ source, path }: Change): WrittenPlace | undefined {
    const key = path[1];
    const file = (source.reads ?? []).find((each) => each.slice(each.lastIndexOf('/') + 1) === key);
    const isData = path.length === 2 && (path[0] === 'data' || path[0] === 'binaryData');
    return isData && file !== undefined ? { file } : undefined;
  }

  #inEntry(change: Change): WrittenPlace | undefined {
    const { file, field = '' } = change.source;
    const key = `${file}\n${field}`;
    if (!this.#blocks.has(key))
      this.#blocks.set(key, blockIn(this.#provenance.textOf(file) ?? '', file, field));
    const block = this.#blocks.get(key);
    const line = block && lineInPatch(block.documents, change);
    return block && line !== undefined ? { file, line: block.header + line } : undefined;
  }

  #read(file: string): readonly ReadDocument[] {
    const known = this.#documents.get(file);
    if (known) return known;
    const documents = documentsIn(this.#provenance.textOf(file) ?? '', file);
    this.#documents.set(file, documents);
    return documents;
  }
}

function documentsIn(text: string, file: string): readonly ReadDocument[] {
  const read = readDocuments(text, file);
  return 'errors' in read ? [] : read.documents;
}

/** A patch that is written as a block of text in its entry: it has its lines in the kustomization. */
interface Block {
  readonly documents: readonly ReadDocument[];
  /** The line before its first one. */
  readonly header: number;
}

const blockHeader = /[|>][-+0-9]*\s*(?:#.*)?$/;

function blockIn(text: string, file: string, field: string): Block | undefined {
  const [, name = '', index] = /^(\w+)\[(\d+)\]$/.exec(field) ?? [];
  const read = readConfiguration(text, file);
  const kustomization = 'documents' in read ? read.documents[0] : undefined;
  if (index === undefined || !kustomization) return undefined;
  const at = [name, Number(index), 'patch'];
  const patch = stringAt(kustomization.value, at);
  const line = kustomization.lineOf(at);
  const lines = text.split('\n');
  const header = [line - 1, line].find((each) => blockHeader.test(lines[each - 1] ?? ''));
  if (patch === undefined || header === undefined) return undefined;
  return { documents: documentsIn(patch, file), header };
}

function stringAt(value: Value, path: Path): string | undefined {
  let at: Value | undefined = value;
  for (const step of path) {
    if (typeof step === 'number') at = isList(at) ? at[step] : undefined;
    else at = isFields(at) ? fieldOf(at, step) : undefined;
  }
  return typeof at === 'string' ? at : undefined;
}
