/** What checks look at of a URL, or the words in which Go's net/url refuses the text. */
export type ReadUrl =
  | {
      readonly ok: true;
      readonly scheme: string;
      readonly host: string;
      /** What stands before the @. */
      readonly user: string;
      readonly query: string;
      readonly fragment: string;
    }
  | { readonly ok: false; readonly why: string };

/** Reads a URL as Go does, which takes much for one that browsers refuse: `with.dot` is one without a scheme. */
export function readUrl(text: string): ReadUrl {
  const [whole, fragment] = cut(text, '#');
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(whole)?.[0] ?? '';
  const [located, query] = cut(scheme === '' ? whole : whole.slice(scheme.length + 1), '?');
  const authority = located.startsWith('//') ? cut(located.slice(2), '/')[0] : '';
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const why = controlProblem(text) ?? formProblem(scheme, located) ?? placeProblem(host, located);
  if (why !== undefined) return { ok: false, why };
  const user = authority.slice(0, Math.max(at, 0));
  return { ok: true, scheme: scheme.toLowerCase(), host, user, query, fragment };
}

/** What stands before and after the first mark. */
function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function controlProblem(text: string): string | undefined {
  const hasControl = [...text].some((character) => character < ' ' || character === '\u007f');
  return hasControl ? 'net/url: invalid control character in URL' : undefined;
}

function formProblem(scheme: string, located: string): string | undefined {
  if (scheme !== '' || located.startsWith('/')) return undefined;
  if (located.startsWith(':')) return 'missing protocol scheme';
  return located.split('/')[0]?.includes(':') === true
    ? 'first path segment in URL cannot contain colon'
    : undefined;
}

function placeProblem(host: string, located: string): string | undefined {
  const port = /:[^:\]]*$/.exec(host)?.[0];
  if (port !== undefined && !/^:\d*$/.test(port)) return `invalid port "${port}" after host`;
  const odd = /[\s"<>\\^`{|}]/.exec(host)?.[0];
  if (odd !== undefined) return `invalid character ${JSON.stringify(odd)} in host name`;
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(located)?.[0];
  return escape === undefined ? undefined : `invalid URL escape ${JSON.stringify(escape)}`;
}
