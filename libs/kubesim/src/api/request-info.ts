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
  /** Empty for the object itself; what follows it is left out. */
  readonly subresource: string;
}

/** Reads the path of a request for resources; undefined when it is none. Throws URIError when it cannot be decoded. */
export function requestInfo(path: string): RequestInfo | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (parts[0] === 'api' && parts.length > 2) return infoOf('', parts[1] ?? '', parts.slice(2));
  if (parts[0] === 'apis' && parts.length > 3) return infoOf(parts[1] ?? '', parts[2] ?? '', parts.slice(3));
  return undefined;
}

/** Subresources of namespaces, which would else be taken for resources inside of one. */
const ofNamespaces = ['status', 'finalize'];

function infoOf(group: string, version: string, parts: readonly string[]): RequestInfo {
  const inside = parts[0] === 'namespaces' && parts.length > 2 && !ofNamespaces.includes(parts[2] ?? '');
  const [resource = '', name = '', subresource = ''] = inside ? parts.slice(2) : parts;
  return { group, version, namespace: inside ? (parts[1] ?? '') : '', resource, name, subresource };
}
