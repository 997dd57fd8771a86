import { fieldText, type YamlDocument } from '@meridian/manifests';
import type { Problem } from './fleet-api.ts';

/** A document of the fleet configuration and where it is. `name` is '' when it has none that can be read. */
export interface Located<Document> {
  readonly document: Document;
  readonly name: string;
  readonly file: string;
  readonly lineOf: YamlDocument['lineOf'];
}

/** The documents whose names no other one has; `refuse` is told of each further one. */
export function withoutDuplicates<Document>(
  documents: readonly Located<Document>[],
  refuse: (copy: Located<Document>, first: Located<Document>) => void,
): Located<Document>[] {
  const byName = new Map<string, Located<Document>>();
  const twice = new Set<string>();
  for (const document of documents) {
    const first = byName.get(document.name);
    if (!first) byName.set(document.name, document);
    else {
      refuse(document, first);
      twice.add(document.name);
    }
  }
  return [...byName.values()].filter(({ name }) => !twice.has(name));
}

/** What is told of a second document of a name. */
export function duplicate(
  noun: string,
  copy: Located<unknown>,
  first: Located<unknown>,
): { message: string; fix: string } {
  return {
    message: `the ${noun} ${copy.name} is declared twice, first in ${placeOf(first)}`,
    fix: 'rename or remove one of the two',
  };
}

/** A problem at a path of a document. */
export function problemAt(
  place: Located<unknown>,
  path: readonly (string | number)[],
  said: { readonly message: string; readonly fix?: string },
): Problem {
  const field = path.length > 0 ? { field: fieldText(path) } : {};
  const fix = said.fix === undefined ? {} : { fix: said.fix };
  return { file: place.file, line: place.lineOf(path), ...field, message: said.message, ...fix };
}

/** Where a document begins. */
export function placeOf(place: Located<unknown>): string {
  return `${place.file}:${place.lineOf([])}`;
}

/** Where a problem is. */
export function placeText(problem: Problem): string {
  return problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
}
