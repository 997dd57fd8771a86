/**
 * The text of a file in UTF-16 as kustomize reads it, byte order mark included; undefined when it has no such mark or is
 * broken. Kustomize takes files apart before it decodes them, and so finds no line `---` in one like this: it reads the
 * first document and passes over the others. The text ends where that one does.
 */
export function textOfUtf16(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  if ((!isLittle && (first !== 0xfe || second !== 0xff)) || bytes.length % 2 === 1) return undefined;
  const text = decoded(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), isLittle);
  return text.isWellFormed() ? firstDocument(text) : undefined;
}

/** How many characters are made at once; engines take only so many arguments. */
const pieceLength = 4096;

function decoded(view: DataView, isLittle: boolean): string {
  const pieces: string[] = [];
  for (let start = 0; start < view.byteLength; start += 2 * pieceLength) {
    const codes: number[] = [];
    const end = Math.min(start + 2 * pieceLength, view.byteLength);
    for (let at = start; at < end; at += 2) codes.push(view.getUint16(at, isLittle));
    pieces.push(String.fromCharCode(...codes));
  }
  return pieces.join('');
}

function firstDocument(text: string): string {
  for (const { 0: marker, index } of text.matchAll(/^(?:---|\.\.\.)(?!\S)/gm)) {
    if (marker === '...') return text.slice(0, index + marker.length);
    if (!isPreamble(text.slice(0, index))) return text.slice(0, index);
  }
  return text;
}

/** Whether nothing is there that belongs to a document: blank lines, comments and directives. */
function isPreamble(text: string): boolean {
  return text.split(/[\r\n]/).every((line) => /^(?:\s*(?:#|$)|%)/.test(line));
}
