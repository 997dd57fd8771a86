/** What a request asks for: the path as it was sent, and the query. */
export interface RequestLine {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Reads what a request asks for, whatever it is: `//` and whole addresses are paths too, and dots mean nothing in them. */
export function readRequestLine(target: string): RequestLine {
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?]*)?([^?]*)\??(.*)$/s.exec(target) ?? [];
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) };
}

/** Whether a path can be decoded. */
export function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
