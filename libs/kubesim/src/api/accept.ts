import { ApiError } from '../errors/api-error.ts';
import { memberOf } from '../json.ts';

/** The form in which a client wants its answer. */
export interface Accepted {
  readonly format: 'json' | 'yaml';
  /** Another kind to show objects as; undefined for what they are. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
}

const formats: Readonly<Record<string, Accepted['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  '*/*': 'json',
};

const shapes = new Map<string, NonNullable<Accepted['as']>>([
  ['Table meta.k8s.io/v1', 'Table'],
  ['PartialObjectMetadata meta.k8s.io/v1', 'PartialObjectMetadata'],
  ['PartialObjectMetadataList meta.k8s.io/v1', 'PartialObjectMetadataList'],
  ['APIGroupDiscoveryList apidiscovery.k8s.io/v2', 'APIGroupDiscoveryList'],
]);

const served = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const streamed = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/**
 * Picks the form of an Accept header that is served and that the client likes best. Throws 406 when none is, in the words of a
 * route that can be watched or of one that cannot.
 */
export function accepted(header: string | undefined, canBeWatched = true): Accepted {
  if (header === undefined || header.trim() === '') return { format: 'json' };
  const clauses = header.split(',').map(clauseOf);
  const byLiking = clauses.toSorted((a, b) => b.quality - a.quality);
  for (const clause of byLiking) {
    const found = read(clause);
    if (found !== undefined) return found;
  }
  if (clauses.some(({ type }) => Object.hasOwn(formats, type))) {
    const message = `only the following media types are accepted: ${served}`;
    throw new ApiError(message, { code: 406, reason: 'NotAcceptable' });
  }
  const known = canBeWatched ? `${served}, ${streamed}` : served;
  throw new ApiError(`406: Not Acceptable\n\nAvailable representations: ${known}`, {
    code: 406,
    reason: 'NotAcceptable',
    details: {},
  });
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

function read({ type, parameters }: Clause): Accepted | undefined {
  const format = memberOf(formats, type);
  if (format === undefined) return undefined;
  const as = parameters.get('as');
  if (as === undefined) return { format };
  const shape = shapes.get(`${as} ${parameters.get('g') ?? ''}/${parameters.get('v') ?? ''}`);
  return shape === undefined ? undefined : { format, as: shape };
}

/** 406 of metadata that is asked for as that of a list where there is one object, or the other way around. */
export function wrongShape(as: string, kind: string, isList: boolean): ApiError {
  const what = isList ? `a list (*core.${kind}List)` : `not a list (*core.${kind})`;
  return new ApiError(`you requested ${as}, but the requested object is ${what}`, {
    code: 406,
    reason: 'NotAcceptable',
  });
}
