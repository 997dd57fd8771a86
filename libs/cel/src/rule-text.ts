import { hasName } from './functions/presence.ts';
import { matchesName } from './functions/string-functions.ts';

/** A string literal of CEL, or a name. */
const tokens =
  /[rRbB]{0,2}(?:'''(?:[^\\]|\\[^])*?'''|"""(?:[^\\]|\\[^])*?"""|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|[A-Za-z_][A-Za-z0-9_]*/g;

/** A rule as the library is to read it: what is done otherwise than by the library is called by names of our own, as long as the written ones. */
export function readableRule(rule: string): string {
  return rule.replaceAll(tokens, (token, at: number) => {
    if (token === 'matches') return matchesName;
    return token === 'has' && isCalled(rule, at + token.length) && !isMember(rule, at) ? hasName : token;
  });
}

function isCalled(rule: string, end: number): boolean {
  return rule.slice(end).trimStart().startsWith('(');
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
