import type { SyntaxProblem } from '@meridian/manifests';
import { breaksOff } from './behind-brackets.ts';

/**
 * A text that says to the parser of YAML 1.2 what the given one says to go-yaml, which takes more: lines in quotes,
 * brackets and braces may stand as far left as they like, `\'` is an escape, and what follows the first document of a
 * part is never looked at. Lines keep their numbers. Undefined where go-yaml refuses too.
 */
export function mend(text: string, { reason, offset }: SyntaxProblem): string | undefined {
  if (reason.startsWith('deficient indentation')) return indented(text, offset);
  if (reason.startsWith('unknown escape') && text[offset] === "'")
    return `${text.slice(0, offset)}x27${text.slice(offset + 1)}`;
  if (reason.startsWith('end of the stream')) return withoutRest(text, offset);
  return undefined;
}

/** Ends a document even between quotes. */
const documentMark = /^(?:---|\.\.\.)(?:\s|$)/;
/** Wider than any collection that is left open; a line that has it already lacks something else. */
const margin = ' '.repeat(200);

function indented(text: string, offset: number): string | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  if (text.startsWith(margin, start) || documentMark.test(text.slice(start, start + 4))) return undefined;
  return text.slice(0, start) + margin + text.slice(start);
}

/**
 * A document ends where a line stands further left than its first line, or behind the brackets it consists of. Anything
 * else that the parser does not expect breaks the document for go-yaml too.
 */
function withoutRest(text: string, offset: number): string | undefined {
  const separator = text.lastIndexOf('\n---\n', offset - 1);
  const from = separator < 0 ? 0 : separator + 5;
  const root = rootLine.exec(text.slice(from, offset));
  const [, indent = '', first = ''] = root ?? [];
  const column = offset - text.lastIndexOf('\n', offset - 1) - 1;
  const next = text.indexOf('\n---\n', offset);
  const end = next < 0 ? text.length : next;
  if (first === '[' || first === '{') {
    const isOnNewLine = /\n[ \t]*$/.test(text.slice(from, offset));
    if (breaksOff(text.slice(offset, end), isOnNewLine)) return undefined;
  } else if (column >= indent.length) return undefined;
  const breaks = text.slice(offset, end).split('\n').length - 1;
  return text.slice(0, offset) + '\n'.repeat(breaks) + text.slice(end);
}

/** The first line of a document that is not blank and no comment. */
const rootLine = /^(?:---)?(?: *(?:#[^\n]*)?\n)*( *)([^ \n])/;
