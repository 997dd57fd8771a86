/** A text of which a YAML parser sees what go-yaml sees, line for line; or the line that kustomize refuses and why. */
export type Prepared = { readonly text: string } | { readonly refusedAt: number; readonly message: string };

/**
 * What kustomize reads of a file of resources (kyaml splitDocuments): it cuts the text at lines that start with `---` and
 * reads the first document of every part. The rest of a part (behind `...`, or behind a last `---` without a line break)
 * is blanked.
 */
export function firstDocuments(text: string): Prepared {
  const parts: string[] = [];
  let from = 0;
  // Most files hold one document; looking for a plain text costs a hundredth of going through matches.
  for (const separator of text.includes('\n---') ? text.matchAll(/\n---[^\n]*\n/g) : []) {
    const rest = separator[0].slice(4).trim();
    if (rest !== '' && !rest.startsWith('#')) {
      return {
        refusedAt: lineAt(text, separator.index + 1),
        message: 'a line that starts with --- may hold a comment and nothing else',
      };
    }
    parts.push(text.slice(from, separator.index));
    from = separator.index + separator[0].length;
  }
  parts.push(text.slice(from));
  for (const [index, part] of parts.entries()) {
    const start = contentStart(part);
    const message = wrongStart(part, start);
    if (message === undefined) continue;
    const before = [...parts.slice(0, index), part.slice(0, start)].join('\n---\n');
    return { refusedAt: lineAt(before, before.length), message };
  }
  return { text: parts.map(firstOfPart).join('\n---\n') };
}

function wrongStart(text: string, start: number): string | undefined {
  if (text.charCodeAt(start) === percent) return 'YAML directives (%) are not read';
  return loneEnd.test(text.slice(start, start + 4))
    ? 'a document cannot start with its end (...)'
    : undefined;
}

/** What kustomize reads of a file of its own: the first document. */
export function firstDocument(text: string): Prepared {
  const start = contentStart(text, true);
  if (loneEnd.test(text.slice(start, start + 4)))
    return { refusedAt: lineAt(text, start), message: 'a document cannot start with its end (...)' };
  const marked = documentStart.test(text.slice(start, start + 4));
  const from = marked ? start + 3 : start;
  documentEnd.lastIndex = from;
  const end = documentEnd.exec(text);
  return { text: end ? text.slice(0, end.index + 1) : text };
}

const percent = 37;
/** Line breaks and the hash sign. */
const emptyOrComment: ReadonlySet<number> = new Set([10, 13, 35]);
const documentStart = /^---(?=\s|$)/;
const loneEnd = /^\.\.\.(?=\s|$)/;
const documentEnd = /\n(?:---|\.\.\.)(?=\s|$)/g;

function firstOfPart(part: string): string {
  const text = part.startsWith('\uFEFF') ? part.slice(1) : part;
  const end = endOfFirst(text);
  return end < 0 ? text : text.slice(0, end) + '\n'.repeat(text.slice(end).split('\n').length - 1);
}

/** Where the first document of a part ends when more comes behind it, -1 otherwise. */
function endOfFirst(part: string): number {
  const ended = part.includes('\n...') ? /\n\.\.\.(?=\s|$)/.exec(part) : null;
  if (ended) return ended.index;
  const last = part.lastIndexOf('\n');
  const startsAnother = last >= 0 && documentStart.test(part.slice(last + 1, last + 5));
  return startsAnother && contentStart(part) < last ? last : -1;
}

/** Where the first line starts that is not blank and no comment (nor a directive, if those are to be passed over). */
function contentStart(text: string, passDirectives = false): number {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    let first = at;
    while (text[first] === ' ' || text[first] === '\t') first += 1;
    const code = text.charCodeAt(first);
    if (!(passDirectives && code === percent) && !emptyOrComment.has(code)) return at;
    const end = text.indexOf('\n', first);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return text.length;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
