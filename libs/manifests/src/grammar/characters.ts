/** The code behind the last character of a text: no text may hold it. */
export const endCode = 0;
export const tabCode = 9;
export const spaceCode = 32;

/** Whether a line ends at a character: YAML 1.1, which go-yaml reads, has three breaks that YAML 1.2 does not have. */
export function isBreak(code: number): boolean {
  if (code <= 13) return code === 10 || code === 13;
  return code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** A space or a tab. */
export function isBlank(code: number): boolean {
  return code === spaceCode || code === tabCode;
}

/** A blank, a line break or the end of the text. */
export function isGap(code: number): boolean {
  return code <= spaceCode ? isBlank(code) || code === endCode || isBreak(code) : isBreak(code);
}

/** What names of anchors and tag handles are made of. */
export function isWord(code: number): boolean {
  return (
    isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45
  );
}

/** A decimal digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
