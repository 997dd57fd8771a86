/** What a path of the API names, as the server's request info has it. */
export interface RequestInfo {
  readonly group: string;
  readonly version: string;
  /** Empty outside of namespaces. */
  readonly namespace: string;
  /** Plural of the resource. */
  readonly resource: string;
  /** Empty for a collection. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Whether the path goes on below a subresource, which only proxies serve. */
  readonly hasMore: boolean;
  /** Whether a part in its midst is empty that no route lets be. */
  readonly hasGap: boolean;
  /** Whether it goes into a namespace without a name: `namespaces//pods`. */
  readonly isNowhere: boolean;
  /** Whether it is one of the older paths that only watch: `/api/v1/watch/pods`. */
  readonly isWatch: boolean;
}

/** Reads the path of a request for resources; undefined when it is none. Throws URIError when it cannot be decoded. */
export function requestInfo(path: string): RequestInfo | undefined {
  const whole = decodeURIComponent(path);
  const [root, ...parts] = whole.replace(/^\/+|\/+$/g, '').split('/');
  if (root === 'api' && parts.length > 1) return infoOf('', parts[0] ?? '', parts.slice(1));
  if (root === 'apis' && parts.length > 2 && parts[0] !== '')
    return infoOf(parts[0] ?? '', parts[1] ?? '', parts.slice(2));
  return undefined;
}

/** Subresources of namespaces, which would else be taken for resources inside of one. */
const ofNamespaces = ['status', 'finalize'];

function infoOf(group: string, version: string, given: readonly string[]): RequestInfo {
  const isWatch = given[0] === 'watch' && given.length > 1;
  const { namespace, isInside, parts } = insideOf(isWatch ? given.slice(1) : given);
  const [resource = '', name = '', subresource = '', ...more] = parts;
  const isNowhere = isInside && namespace === '';
  const hasMore = more.length > 0 && subresource !== 'proxy';
  const hasGap = [version, resource, parts.length > 3 ? subresource : 'some'].includes('');
  return { group, version, namespace, resource, name, subresource, hasMore, hasGap, isNowhere, isWatch };
}

/** The namespace that a path goes into, and what follows. */
function insideOf(parts: readonly string[]) {
  const [first, namespace = '', next = ''] = parts;
  const isInside = first === 'namespaces' && parts.length > 2 && !ofNamespaces.includes(next);
  return isInside ? { namespace, isInside, parts: parts.slice(2) } : { namespace: '', isInside, parts };
}
