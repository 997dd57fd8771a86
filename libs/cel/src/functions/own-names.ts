const renamed: ReadonlySet<string> = new Set([
  ...['bool', 'int', 'uint', 'double', 'timestamp', 'duration'],
  ...['indexOf', 'lastIndexOf', 'substring', 'lowerAscii', 'upperAscii', 'trim'],
]);
const mark = 'go_';

/** The name by which a function is called inside where the library has one of its own, which cannot be replaced. */
export function ownName(name: string): string {
  return renamed.has(name) ? `${mark}${name}` : name;
}

/** The name of a function as it was written. */
export function writtenName(name: string): string {
  return name.startsWith(mark) ? name.slice(mark.length) : name;
}

/** Words of the library with names as they were written. */
export function withWrittenNames(words: string): string {
  return words.replaceAll(/\bgo_(?=[A-Za-z]+\b)/g, '');
}
