import type { LocatedError } from '@meridian/fleet';
import type { LineOf } from '@meridian/manifests';
import { Refusal, refuse } from '../refusal.ts';
import { plainOf } from '../values/plain.ts';
import { readConfiguration } from '../values/read.ts';
import { kustomizationShape, type KustomizationFields } from './kustomization-fields.ts';
import { fieldsOutOfProfile } from './profile-fields.ts';
import type { Path } from './shape.ts';
import type { Place, Profile } from './step.ts';

/** api/konfig/general.go */
const kustomizationNames: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/** Whether a file of this name makes its directory a kustomization. */
export const isKustomization = (name: string): boolean => kustomizationNames.has(name);

/** A kustomization file, read and checked. */
export interface Kustomization {
  /** Path of the file. */
  readonly file: string;
  /** Its name in its directory. */
  readonly name: string;
  readonly isComponent: boolean;
  readonly fields: KustomizationFields;
  /** Uses of fields that kustomize wants to be rid of. */
  readonly deprecated: readonly LocatedError[];
  /** A place in the file, for errors; a field such as `patches[2]` is told with its line. */
  readonly at: (...path: Path) => Place;
}

/** Where a kustomization is, and by whose rules it is read. */
export interface KustomizationSource {
  readonly file: string;
  readonly name: string;
  readonly profile: Profile;
}

/** Reads the text of a kustomization file; every mistake in it is refused with its place. */
export function parseKustomization(
  content: string,
  { file, name, profile }: KustomizationSource,
): Kustomization {
  const read = readConfiguration(content, file);
  if ('errors' in read) throw new Refusal(read.errors);
  const [document] = read.documents;
  if (document === undefined || document.value === null) refuseEmpty(file);
  const { lineOf } = document;
  const errors: LocatedError[] = [];
  const fields = kustomizationShape.read(plainOf(document.value), [], {
    file,
    lineOf,
    lenient: false,
    unsupported: {},
    errors,
  });
  if (fields === undefined || errors.length > 0) throw new Refusal(errors);
  const at = placesOf(file, lineOf);
  const foreign = fieldsOutOfProfile(fields, profile, at);
  if (foreign.length > 0) throw new Refusal(foreign);
  if (isEmpty(fields)) refuseEmpty(file);
  return {
    file,
    name,
    isComponent: isComponent(fields, at),
    fields,
    deprecated: deprecatedIn(fields, at),
    at,
  };
}

/** Places are asked for again in every build that uses the file. */
function placesOf(file: string, lineOf: LineOf): Kustomization['at'] {
  const known = new Map<string, Place>();
  return (...path) => {
    const key = path.join('/');
    let place = known.get(key);
    if (!place) {
      place = { file, line: lineOf(path), ...(path.length > 0 ? { field: fieldAt(path) } : {}) };
      known.set(key, place);
    }
    return place;
  };
}

function fieldAt([first, ...rest]: Path): string {
  return `${String(first)}${rest.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
}

function refuseEmpty(file: string): never {
  refuse({
    file,
    line: 1,
    message: 'the kustomization is empty',
    fix: 'write resources: [] to render nothing on purpose',
  });
}

/** Go's zero values count as not written; an empty list or mapping counts (Kustomization.CheckEmpty). */
function isEmpty({ apiVersion: _a, kind: _k, ...rest }: KustomizationFields): boolean {
  return Object.values(rest).every((value) => value === undefined || value === '');
}

const versions: Readonly<Record<string, string>> = {
  Kustomization: 'kustomize.config.k8s.io/v1beta1',
  Component: 'kustomize.config.k8s.io/v1alpha1',
};

function isComponent(fields: KustomizationFields, at: Kustomization['at']): boolean {
  const { kind: written = '', apiVersion = '' } = fields;
  const kind = written === '' ? 'Kustomization' : written;
  const wanted = Object.hasOwn(versions, kind) ? versions[kind] : undefined;
  if (wanted === undefined)
    refuse({
      ...at('kind'),
      message: `the kind ${kind} is no kustomization`,
      fix: 'use Kustomization or Component',
    });
  if (apiVersion !== '' && apiVersion !== wanted)
    refuse({
      ...at('apiVersion'),
      message: `a ${kind} has the apiVersion ${wanted}`,
      fix: `write ${wanted}`,
    });
  return kind === 'Component';
}

const successors = {
  bases: 'resources',
  commonLabels: 'labels',
  imageTags: 'images',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
  vars: 'replacements',
} as const;

function deprecatedIn(fields: KustomizationFields, at: Kustomization['at']): LocatedError[] {
  return Object.entries(successors).flatMap(([old, next]) =>
    Object.hasOwn(fields, old)
      ? [{ ...at(old), message: `'${old}' is deprecated`, fix: `use '${next}' instead` }]
      : [],
  );
}
