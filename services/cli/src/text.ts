// Control characters (C0, DEL, C1) could move the cursor or retitle the terminal; bidirectional overrides could make a
// name read as another (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from elsewhere made safe for a terminal: control and direction characters become visible `\x1b`-like escapes. Keeps tab and newline. */
export function sanitise(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** `sanitise` for one table cell or one line: newlines and tabs become spaces. */
export function oneLine(text: string): string {
  return sanitise(text.replace(/\s*[\r\n\t]+\s*/g, ' ')).trim();
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const wideEmoji = /^\p{Emoji_Presentation}$/u;
// Ranges of https://www.unicode.org/reports/tr11/ (W and F), joined where only unassigned points lie between.
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** How many terminal columns a text takes. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (zeroWidth.test(character)) return 0;
  return wideEmoji.test(character) || wideRanges.some(([first, last]) => code >= first && code <= last)
    ? 2
    : 1;
}

/** At most `width` columns of a text; a cut is marked with `…`. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = characterWidth(character);
    if (used + next > width - 1) break;
    kept += character;
    used += next;
  }
  return `${kept}…`;
}

/** A duration a person can take in at a glance: `850ms`, `12s`, `3m5s`, `2h10m`, `4d3h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return pair(seconds, [60, 'm'], [1, 's']);
  if (seconds < 86_400) return pair(seconds, [3_600, 'h'], [60, 'm']);
  return pair(seconds, [86_400, 'd'], [3_600, 'h']);
}

function pair(
  seconds: number,
  [big, bigUnit]: readonly [number, string],
  [small, smallUnit]: readonly [number, string],
): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigUnit}${rest > 0 ? `${rest}${smallUnit}` : ''}`;
}

/** `12s ago`, never from the future. */
export function agoText(atMs: number, nowMs: number): string {
  return `${durationText(Math.max(0, nowMs - atMs))} ago`;
}

/** Local time of day for today, with the date before that. */
export function timeText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  if (new Date(nowMs).toDateString() === at.toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

/** First seven digits of a commit id, first twelve of a digest. */
export function shortId(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7, 19) : id.slice(0, 7);
}

/** `1 cluster`, `2 clusters`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
