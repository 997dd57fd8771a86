import type { YamlDocument } from '@meridian/manifests';

/** Where an application is declared. */
export interface Declaration {
  readonly file: string;
  /** The line of a field such as `spec.source.overrides[2]`, counted from 1; of what holds it when it is not there. */
  readonly lineOf: (field: string) => number;
}

/** A place as errors and explanations have it. */
export interface DeclaredPlace {
  readonly file: string;
  readonly line?: number | undefined;
  readonly field?: string | undefined;
}

/** The declaration that a document in a file makes. */
export function declarationOf(file: string, lineOf: YamlDocument['lineOf']): Declaration {
  return { file, lineOf: (field) => lineOf(stepsOf(field)) };
}

/**
 * A place with its line in the document of an application, when it is there: a resolver, which knows no files of the fleet
 * configuration, tells fields of the document as fields of the application's directory. Any other place stays as it is.
 */
export function withDeclaredPlace<Place extends DeclaredPlace>(
  place: Place,
  path: string,
  declaration: Declaration | undefined,
): Place {
  const { file, field } = place;
  if (file !== path || field?.startsWith('spec.') !== true || !declaration) return place;
  return { ...place, file: declaration.file, line: declaration.lineOf(field) };
}

function stepsOf(field: string): (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([step, index]) =>
    index === undefined ? step : Number(index),
  );
}
