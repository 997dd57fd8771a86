import { matchesName } from './functions/string-functions.ts';

/** A string literal of CEL, or a name. */
const tokens =
  /[rRbB]{0,2}(?:'''(?:[^\\]|\\[^])*?'''|"""(?:[^\\]|\\[^])*?"""|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|[A-Za-z_][A-Za-z0-9_]*/g;

/** A rule as the library is to read it: `matches` is called by the name of the function that knows the patterns of Go. */
export function readableRule(rule: string): string {
  return rule.replaceAll(tokens, (token) => (token === 'matches' ? matchesName : token));
}

/** Whether a rule looks at the old value. */
export function looksBack(rule: string): boolean {
  return [...rule.matchAll(tokens)].some(
    ([token], index, all) => token === 'oldSelf' && !isMember(rule, all[index]?.index ?? 0),
  );
}

function isMember(rule: string, at: number): boolean {
  return rule.slice(0, at).trimEnd().endsWith('.');
}
