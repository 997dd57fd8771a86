/**
 * Whether what stands behind a document in brackets or braces breaks it, though it is never read: go-yaml looks two tokens
 * ahead, and refuses what it cannot take there. `isOnNewLine`: there is a line break before it.
 */
export function breaksOff(rest: string, isOnNewLine: boolean): boolean {
  if (noToken.test(rest) || (!isOnNewLine && blockToken.test(rest))) return true;
  const text = rest.replace(/^(?:[&!][^\s]*[ \t]+)+/, '');
  if (/^[[\]{},*]/.test(text)) return false;
  return /^['"]/.test(text) ? isBrokenQuoted(text, isOnNewLine) : isBrokenPlain(text, isOnNewLine);
}

/** A text of several lines, and one behind brackets, is no key. */
function isBrokenPlain(text: string, isOnNewLine: boolean): boolean {
  const lines = text.split('\n');
  const end = lines.findIndex((line, index) => {
    return keyMark.test(line) || /\s#/.test(line) || (index > 0 && markOrComment.test(line));
  });
  const last = lines[end] ?? '';
  const isKey = !markOrComment.test(last) && keyMark.test(last.replace(/\s#.*$/, ''));
  return isKey && (end > 0 || !isOnNewLine);
}

function isBrokenQuoted(text: string, isOnNewLine: boolean): boolean {
  const quoted = /^(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")/s.exec(text)?.[0];
  if (quoted === undefined) return true;
  return /^[ \t]*:(?:\s|$)/.test(text.slice(quoted.length)) && (quoted.includes('\n') || !isOnNewLine);
}

/** What starts no token, and a block scalar with something behind its header. */
const noToken = /^(?:[@%`]|[|>][0-9+-]*[ \t]*[^0-9+\-\s#])/;
const blockToken = /^[-?](?:\s|$)/;
const keyMark = /:(?:\s|$)/;
const markOrComment = /^(?:\s*#|(?:---|\.\.\.)(?:\s|$))/;
