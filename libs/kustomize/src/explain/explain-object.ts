import type { ExplainedField, ExplainedObject, FieldSource } from '@meridian/fleet';
import { masked, nearest } from '@meridian/manifests';
import { idOf, type Resource } from '../resources/resource.ts';
import { plainOf, UnwritableError, type Plain } from '../values/plain.ts';
import { isScalar, scalarTextAt, textOf, type Value } from '../values/value.ts';
import { fieldTest, fieldText } from './field-path.ts';
import { historiesOf, type Change, type FieldHistory, type FieldStep } from './history.ts';
import type { Provenance, Version } from './provenance.ts';
import { WrittenLines } from './written-lines.ts';

/** The fields of an object that were asked for, or why there are none. */
export type Fielded =
  { readonly fields: readonly ExplainedField[] } | { readonly message: string; readonly fix: string };

/** How an object of a build is named. */
export function namedOf(resource: Resource): ExplainedObject {
  const { kind, name, namespace } = idOf(resource);
  const apiVersion = scalarTextAt(resource.fields, ['apiVersion']);
  return { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }) };
}

/**
 * What set the fields of an object at or below a path, all of them for '' or `.`. A field that a step took away is told
 * of only when it is asked for by its full path. Values of Secrets are masked.
 */
export function explainFields(provenance: Provenance, resource: Resource, field: string): Fielded {
  const isAsked = fieldTest(field);
  if (!isAsked)
    return {
      message: `${JSON.stringify(field)} is no path of a field`,
      fix: 'write one such as .spec.template.spec.containers[name=server].image',
    };
  const version = provenance.versionOf(resource);
  const all = historiesOf(version);
  const isThere = ({ changes }: FieldHistory): boolean => changes.at(-1)?.value !== undefined;
  const asked = all.filter(({ path }) => isAsked(path));
  const present = asked.filter(isThere);
  const found = present.length > 0 ? present : asked;
  if (found.length === 0)
    return missing(
      field,
      all.filter(isThere).map(({ path }) => path),
    );
  if (found.length > mostFields)
    return {
      message: `the object has ${found.length} fields there, more than ${mostFields}`,
      fix: 'name a field below',
    };
  const { origin } = resource;
  const telling: Telling = { lines: new WrittenLines(provenance), isSecret: isSecret(version), origin };
  return { fields: found.map((history) => explained(history, telling)) };
}

const mostFields = 5_000;
const mostCandidates = 2_000;

function missing(field: string, paths: readonly (readonly FieldStep[])[]): Fielded {
  const candidates = new Set<string>();
  for (const path of paths) {
    for (const end of path.keys()) candidates.add(fieldText(path.slice(0, end + 1)));
    if (candidates.size > mostCandidates) break;
  }
  const near = nearest(
    field,
    [...candidates].filter((text) => text.length <= 200),
  );
  return {
    message: `the object has no field ${field}`,
    fix: near === undefined ? 'leave the field out to see all of them' : `did you mean ${near}?`,
  };
}

interface Telling {
  /** Of an object of a chart its template. */
  readonly origin: Resource['origin'];
  readonly lines: WrittenLines;
  /** It is a Secret, or was one before a patch changed its kind. */
  readonly isSecret: boolean;
}

function isSecret(version: Version): boolean {
  for (let at: Version | undefined = version; at; at = at.before)
    if (scalarTextAt(at.fields, ['kind']) === 'Secret') return true;
  return false;
}

function explained({ path, changes }: FieldHistory, telling: Telling): ExplainedField {
  return {
    field: fieldText(path),
    history: changes.map((change) => ({
      ...(change.value === undefined ? {} : { value: shownOf(change, change.value, telling) }),
      source: sourceOf(change, telling),
    })),
  };
}

const secretFields: readonly unknown[] = ['data', 'stringData', 'binaryData'];
const copiesOfData = 'kubectl.kubernetes.io/last-applied-configuration';

function shownOf({ path }: Change, value: Value, { isSecret }: Telling): unknown {
  const isHidden =
    secretFields.includes(path[0]) ||
    path[2] === copiesOfData ||
    (path[0] === 'metadata' && !isScalar(value));
  return isSecret && isHidden ? masked : jsonOf(value);
}

/** JSON has no integers beyond 2^53, and no values that kustomize refuses to write; both are told as texts. */
function jsonOf(value: Value): unknown {
  try {
    return withoutBigIntegers(plainOf(value));
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    return isScalar(value) ? textOf(value) : `cannot be written: ${error.message}`;
  }
}

function withoutBigIntegers(plain: Plain): unknown {
  if (typeof plain === 'bigint') return String(plain);
  if (typeof plain !== 'object' || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map(withoutBigIntegers);
  return Object.fromEntries(Object.entries(plain).map(([key, each]) => [key, withoutBigIntegers(each)]));
}

function sourceOf(change: Change, { lines, origin }: Telling): FieldSource {
  const { by, field, ...place } = change.source;
  if (by === undefined) return lines.inObjects(change);
  const written = writtenFor(change, by, { lines, origin });
  return {
    file: place.file,
    ...(place.line === undefined ? {} : { line: place.line }),
    ...(field === undefined ? {} : { field }),
    by,
    ...(written === undefined ? {} : { written }),
  };
}

/** Lines of a template say nothing of the lines of an object. */
function writtenFor(
  change: Change,
  by: string,
  { lines, origin }: Pick<Telling, 'lines' | 'origin'>,
): FieldSource['written'] {
  if (by === 'HelmChartInflationGenerator') return { file: origin.file };
  return by.startsWith('Patch') ? lines.inPatch(change) : lines.inGenerated(change);
}
