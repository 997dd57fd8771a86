import { ApiError } from '../errors/api-error.ts';

/** The form in which a client wants its answer. */
export interface Accepted {
  readonly format: 'json' | 'yaml';
  /** Another kind to show objects as; undefined for what they are. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
}

const formats: Readonly<Record<string, Accepted['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};

const shapes: Readonly<Record<string, string>> = {
  Table: 'meta.k8s.io/v1',
  PartialObjectMetadata: 'meta.k8s.io/v1',
  PartialObjectMetadataList: 'meta.k8s.io/v1',
  APIGroupDiscoveryList: 'apidiscovery.k8s.io/v2',
};

/** Picks the first form of an Accept header that is served. Throws 406 when none is. */
export function accepted(header: string | undefined): Accepted {
  if (header === undefined || header.trim() === '') return { format: 'json' };
  for (const clause of header.split(',')) {
    const found = read(clause);
    if (found !== undefined) return found;
  }
  throw new ApiError(
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, ' +
      'application/vnd.kubernetes.protobuf, application/json;stream=watch, ' +
      'application/vnd.kubernetes.protobuf;stream=watch',
    { code: 406, reason: 'NotAcceptable', details: {} },
  );
}

function read(clause: string): Accepted | undefined {
  const [type = '', ...words] = clause.split(';').map((word) => word.trim());
  const format = formats[type];
  if (format === undefined) return undefined;
  const parameters = new Map(words.map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']));
  const as = parameters.get('as');
  if (as === undefined) return { format };
  const shape = `${parameters.get('g') ?? ''}/${parameters.get('v') ?? ''}`;
  return shapes[as] === shape ? { format, as: as as NonNullable<Accepted['as']> } : undefined;
}
