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
  /** Whether a part in its midst is empty, as no route has it. */
  readonly hasGap: boolean;
  /** Whether it is one of the older paths that only watch: `/api/v1/watch/pods`. */
  readonly isWatch: boolean;
}

/** Reads the path of a request for resources; undefined when it is none. Throws URIError when it cannot be decoded. */
export function requestInfo(path: string): RequestInfo | undefined {
  const whole = decodeURIComponent(path);
  const parts = whole.split('/').filter((part) => part !== '');
  const more = { hasGap: /\/\/+[^/]/.test(whole) };
  if (parts[0] === 'api' && parts.length > 2) {
    return { ...more, ...infoOf('', parts[1] ?? '', parts.slice(2)) };
  }
  if (parts[0] === 'apis' && parts.length > 3) {
    return { ...more, ...infoOf(parts[1] ?? '', parts[2] ?? '', parts.slice(3)) };
  }
  return undefined;
}

/** Subresources of namespaces, which would else be taken for resources inside of one. */
const ofNamespaces = ['status', 'finalize'];

function infoOf(group: string, version: string, given: readonly string[]): Omit<RequestInfo, 'hasGap'> {
  const isWatch = given[0] === 'watch' && given.length > 1;
  const { namespace, parts } = insideOf(isWatch ? given.slice(1) : given);
  const [resource = '', name = '', subresource = '', ...more] = parts;
  const hasMore = more.length > 0 && subresource !== 'proxy';
  return { group, version, namespace, resource, name, subresource, hasMore, isWatch };
}

/** The namespace that a path goes into, and what follows. */
function insideOf(parts: readonly string[]): { namespace: string; parts: readonly string[] } {
  const [first, namespace = '', next = ''] = parts;
  const goesInside = first === 'namespaces' && parts.length > 2 && !ofNamespaces.includes(next);
  return goesInside ? { namespace, parts: parts.slice(2) } : { namespace: '', parts };
}
