import { Scalar } from './value.ts';

/**
 * The value of a text that was written as a folded block (`>`). Kustomize writes it as such a block once more on its way
 * to JSON, with a line break too many behind most lines, and so changes the text of blocks that hold indented lines. Such
 * a text is a {@link Scalar} that keeps what was read; what comes out is {@link refolded}.
 */
export function foldedText(text: string): string | Scalar {
  return refolded(text) === text ? text : new Scalar('!!str', text);
}

/** What is read back of a text that go-yaml v3 wrote as a folded block (emitterc.go write_folded_scalar). */
export function refolded(text: string): string {
  return text === '' || unfoldable.test(text) ? text : readFolded(writeFolded(text), text);
}

/** What go-yaml puts in double quotes instead. */
const unfoldable = /[ ]$|[ ]\n|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff\ud800-\udfff]/;

/** Every line break behind a line that is not indented is doubled; none when the text starts with an indented line. */
function writeFolded(text: string): string {
  return /^\n*(?:[ \t]|$)/.test(text) ? text : text.replace(/(?<=^|\n)([^ \t\n][^\n]*\n)/g, '$1\n');
}

function readFolded(written: string, text: string): string {
  const lines = written.split('\n');
  // What stands behind the last line break is no line when it is empty.
  const open = lines.pop() ?? '';
  if (open !== '') lines.push(open);
  let value = '';
  let breaks = '';
  let last: string | undefined;
  for (const line of lines) {
    if (line !== '') {
      value += between(last, line, breaks) + line;
      breaks = '';
      last = line;
    } else breaks += '\n';
  }
  return value + ending(text, last === undefined ? '' : '\n', breaks);
}

/** What stands between two lines with some empty ones between them: lines that are not indented are joined. */
function between(last: string | undefined, line: string, breaks: string): string {
  if (last === undefined) return breaks;
  if (isIndented(last) || isIndented(line)) return `\n${breaks}`;
  return breaks === '' ? ' ' : breaks;
}

/** The last line break and the empty lines behind it, as far as the header of the block kept them. */
function ending(text: string, lineBreak: string, breaks: string): string {
  if (!text.endsWith('\n')) return '';
  return text === '\n' || text.endsWith('\n\n') ? lineBreak + breaks : lineBreak;
}

function isIndented(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t');
}
