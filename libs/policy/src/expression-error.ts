const finding = /^ERROR: <input>:(\d+):(\d+): (.*)$/m;
const undeclared = /^undeclared reference to '(\w+)'/;

/** What the reader of expressions says, in one line; `known` tells which names there are, when one is not. */
export function placed(message: string, known: string): { readonly message: string; readonly fix?: string } {
  const [, line, column, words] = finding.exec(message) ?? [];
  if (words === undefined) return { message: message.split('\n')[0] ?? '' };
  const place = `line ${line ?? ''}, column ${column ?? ''} of the expression`;
  const name = undeclared.exec(words)?.[1];
  return {
    message: `${words.replace(/ \(in container ''\)$/, '')} (${place})`,
    ...(name === undefined ? {} : { fix: known }),
  };
}
