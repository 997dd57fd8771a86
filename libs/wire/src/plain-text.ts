/** C0 and C1 controls (ANSI escapes and line breaks among them), line separators, and marks that reorder text on screen. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Whether the text holds a character that could change how a terminal, a log or a table shows its surroundings. */
export function hasUnprintable(text: string): boolean {
  return text.search(unprintable) >= 0;
}

/** The text with every unprintable character written out as `\uXXXX`, at most `maxChars` long. Safe to log and to print. */
export function plainText(text: string, maxChars: number): string {
  // Cut first, so that a hostile megabyte is not rewritten before it is dropped.
  const head = cutText(text.toWellFormed(), maxChars);
  const escaped = head.replace(
    unprintable,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return cutText(escaped, maxChars);
}

/** The text, or its beginning and `…` when it has more than `maxChars` UTF-16 units; never half of a character. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const last = text.charCodeAt(maxChars - 2);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, maxChars - (splitsPair ? 2 : 1))}…`;
}
