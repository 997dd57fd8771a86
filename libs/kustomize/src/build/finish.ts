import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { bareFieldsOf, lastEntries } from '../values/flaws.ts';
import { plainTag } from '../values/scalars.ts';
import {
  scalarTextAt,
  fieldOf,
  isFields,
  isScalar,
  keyFlaws,
  textOf,
  withField,
  withoutField,
  type Fields,
} from '../values/value.ts';
import { originYaml, transformationsYaml } from './notes.ts';

/** Annotations that kustomize keeps its own notes in; whoever wrote them, none is left (resource.BuildAnnotations). */
const internal = 'internal.config.kubernetes.io/';
const notedIn: ReadonlySet<string> = new Set([
  ...[
    'previousKinds',
    'previousNames',
    'previousNamespaces',
    'prefixes',
    'suffixes',
    'refBy',
    'generatorBehavior',
    'needsHashSuffix',
    'allowNameChange',
    'allowKindChange',
    'path',
    'index',
    'seqindent',
    'id',
    'annotations-migration-resource-id',
    'helm-generated',
  ].map((name) => internal + name),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
]);
const originKey = 'config.kubernetes.io/origin';
const transformationsKey = 'alpha.config.kubernetes.io/transformations';

/** What `buildMetadata` asks to be left in annotations. */
export interface Metadata {
  readonly origins: boolean;
  readonly transformations: boolean;
}

/**
 * The resource with its annotations as kustomize leaves them: all of them texts, its own taken out or written, and the
 * field gone when nothing is left (Kustomizer.Run).
 */
export function withFinalAnnotations(resource: Resource, kept: Metadata): Resource {
  const metadata = fieldOf(resource.fields, 'metadata');
  const hasNone = isFields(metadata) && !Object.hasOwn(metadata, 'annotations');
  return hasNone && !kept.origins && !kept.transformations ? resource : withNotes(resource, kept);
}

function withNotes(resource: Resource, { origins, transformations }: Metadata): Resource {
  const found = fieldOf(resource.fields, 'metadata');
  const metadata: Fields = isFields(found) ? found : {};
  const annotations = annotationsOf(metadata);
  const { notes } = resource;
  noted(annotations, originKey, origins && { text: notes?.origin && originYaml(notes.origin) });
  noted(
    annotations,
    transformationsKey,
    transformations && { text: transformationsYaml(notes?.transformations ?? []) },
  );
  const after =
    annotations.size === 0 ? withoutField(metadata, 'annotations') : withTexts(metadata, annotations);
  return withFields(resource, withField(resource.fields, 'metadata', after));
}

/** Writes a note where one is kept, leaves what is there when there is none, and takes it out where none is kept. */
function noted(
  annotations: Map<string, string>,
  key: string,
  kept: false | { readonly text: string | undefined },
): void {
  if (kept === false) annotations.delete(key);
  else if (kept.text !== undefined && kept.text !== '') annotations.set(key, kept.text);
}

function annotationsOf(metadata: Fields): Map<string, string> {
  const written = fieldOf(metadata, 'annotations');
  const annotations = new Map<string, string>();
  for (const [key, value] of lastEntries(isFields(written) ? written : {})) {
    if (!notedIn.has(key)) annotations.set(key, isScalar(value) ? textOf(value) : '');
  }
  return annotations;
}

function withTexts(metadata: Fields, annotations: ReadonlyMap<string, string>): Fields {
  const written = fieldOf(metadata, 'annotations');
  const isSame =
    isFields(written) &&
    !written[keyFlaws] &&
    Object.keys(written).length === annotations.size &&
    Object.entries(written).every(
      ([key, value]) => annotations.get(key) === value && plainTag(key) === '!!str',
    );
  return isSame
    ? metadata
    : withField(metadata, 'annotations', bareFieldsOf(Object.fromEntries(annotations)));
}

/** Whether an object is meant for tools and never for a cluster; only the text `false` says no. */
export function isLocal({ fields }: Resource): boolean {
  const annotations = annotationsAt(fields);
  const key = 'config.kubernetes.io/local-config';
  return Object.hasOwn(annotations, key) && scalarTextAt(annotations, [key]) !== 'false';
}

function annotationsAt(fields: Fields): Fields {
  const metadata = fieldOf(fields, 'metadata');
  const annotations = isFields(metadata) ? fieldOf(metadata, 'annotations') : undefined;
  return isFields(annotations) ? annotations : {};
}

/** Whether an object has a name, which every object but a list must have at the end. */
export function isNamed(resource: Resource): boolean {
  const { kind, name } = idOf(resource);
  return name !== '' || kind.endsWith('List');
}
