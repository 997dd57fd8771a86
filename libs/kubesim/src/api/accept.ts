import { ApiError } from '../errors/api-error.ts';
import { memberOf } from '../json.ts';
import type { Resource } from '../schema/resource.ts';

/** The form in which a client wants its answer. */
export interface Accepted {
  readonly format: 'json' | 'yaml' | 'protobuf';
  /** Another kind to show objects as; undefined for what they are. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
  /** The version of that kind. */
  readonly version?: string;
}

/** The media type of the API's protobuf, which typed clients speak. */
export const protobuf = 'application/vnd.kubernetes.protobuf';

const formats: Readonly<Record<string, Accepted['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  [protobuf]: 'protobuf',
  '*/*': 'json',
};

const metaShapes = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;

const shapes = new Map<string, NonNullable<Accepted['as']>>([
  ...metaShapes.map((as) => [`${as} meta.k8s.io/v1`, as] as const),
  ...metaShapes.map((as) => [`${as} meta.k8s.io/v1beta1`, as] as const),
  ['APIGroupDiscoveryList apidiscovery.k8s.io/v2', 'APIGroupDiscoveryList'],
]);

const served = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
/** The forms of watches. */
export const streamed = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/** What the route can do that is asked. */
export interface Route {
  /** Whether it is a route of the API proper, which says more of what it has. */
  readonly isRoute: boolean;
  /** Whether it can be watched, which is told to who accepts nothing that it has. */
  readonly canBeWatched: boolean;
  /** What it answers with: objects, custom ones, which have no form in protobuf, or a document about the API. */
  readonly answers: 'objects' | 'custom objects' | 'documents';
}

const anyRoute: Route = { isRoute: true, canBeWatched: true, answers: 'objects' };

/**
 * Picks the form of an Accept header that is served and that the client likes best. Throws 406 when none is, in the words of a
 * route that can be watched or of one that cannot.
 */
export function accepted(
  header: string | undefined,
  { isRoute, canBeWatched, answers }: Route = anyRoute,
): Accepted {
  if (header === undefined || header.trim() === '') return { format: 'json' };
  const clauses = byLiking(header);
  // Where routes serve, `application/*` names no form.
  const takesAny = !isRoute || answers === 'custom objects';
  for (const clause of clauses) {
    const found = read(clause, takesAny);
    if (found !== undefined && isWritable(found, answers)) return found;
  }
  const isKnown = clauses.some(({ type }) => Object.hasOwn(formats, type));
  throw isKnown || !isRoute ? notAcceptable() : unavailableOn(canBeWatched);
}

function unavailableOn(canBeWatched: boolean): ApiError {
  return unavailable(canBeWatched ? `${served}, ${streamed}` : served);
}

/** Throws 406 for who accepts no JSON, where there is nothing else. */
export function requireJson(header: string | undefined): void {
  if (!accepts(header, ['', '*/*', 'application/json'])) throw unavailable('application/json');
}

/** Whether JSON is among what a client accepts, by any of its names. */
export function acceptsJson(header: string | undefined): boolean {
  return accepts(header, ['', '*/*', 'application/*', 'application/json']);
}

function accepts(header: string | undefined, names: readonly string[]): boolean {
  const types = byLiking(header ?? '').map(({ type }) => type);
  return names.some((name) => types.includes(name));
}

function unavailable(known: string): ApiError {
  return new ApiError(`406: Not Acceptable\n\nAvailable representations: ${known}`, {
    code: 406,
    reason: 'NotAcceptable',
    details: {},
  });
}

/** 406 of a form that is served, but not of what is asked for. */
export function notAcceptable(known = served): ApiError {
  const message = `only the following media types are accepted: ${known}`;
  return new ApiError(message, { code: 406, reason: 'NotAcceptable' });
}

/** The form in which a client that accepts something is refused: JSON, unless it likes another one better. */
export function acceptedOfRefusal(header: string | undefined): Accepted['format'] {
  const forms = byLiking(header ?? '').filter(({ parameters }) => !parameters.has('as'));
  return forms.map(({ type }) => memberOf(formats, type)).find((format) => format !== undefined) ?? 'json';
}

/** Tables have no form in protobuf, and documents are shown as nothing else, but for discovery. */
function isWritable({ format, as }: Accepted, answers: Route['answers']): boolean {
  if (answers === 'documents') {
    return as === undefined || (as === 'APIGroupDiscoveryList' && format !== 'protobuf');
  }
  if (as === 'APIGroupDiscoveryList') return false;
  if (format !== 'protobuf') return true;
  return as === undefined ? answers === 'objects' : as !== 'Table';
}

function byLiking(header: string): Clause[] {
  return header
    .split(',')
    .map(clauseOf)
    .sort((a, b) => b.quality - a.quality);
}

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function clauseOf(text: string): Clause {
  const [type = '', ...words] = text.split(';').map((word) => word.trim());
  const parameters = new Map(words.map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']));
  const quality = Number(parameters.get('q') ?? '1');
  return { type, parameters, quality: Number.isNaN(quality) ? 1 : quality };
}

function read({ type, parameters }: Clause, takesAny: boolean): Accepted | undefined {
  const format = takesAny && type === 'application/*' ? 'json' : memberOf(formats, type);
  if (format === undefined) return undefined;
  const as = parameters.get('as');
  if (as === undefined) return { format };
  const version = `${parameters.get('g') ?? ''}/${parameters.get('v') ?? ''}`;
  const shape = shapes.get(`${as} ${version}`);
  return shape === undefined ? undefined : { format, as: shape, version };
}

/** 406 of metadata that is asked for as that of a list where there is one object, or the other way around. Custom objects have no type of their own in Go. */
export function wrongShape(
  as: string,
  { kind, custom }: Pick<Resource, 'kind' | 'custom'>,
  isList: boolean,
): ApiError {
  if (custom && !isList) return new ApiError('content is not a list', { code: 500 });
  const type = custom ? 'unstructured.UnstructuredList' : `core.${kind}${isList ? 'List' : ''}`;
  const what = isList ? `a list (*${type})` : `not a list (*${type})`;
  return new ApiError(`you requested ${as}, but the requested object is ${what}`, {
    code: 406,
    reason: 'NotAcceptable',
  });
}
