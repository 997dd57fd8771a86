import { RE2JS, RE2JSException } from 're2js';

/** Whether a text holds a match of a pattern, anywhere in it unless the pattern is anchored. */
export type Matcher = (text: string) => boolean;

/** Why a pattern cannot be compiled; the caller knows where it is written. */
export class RegexProblem extends Error {
  override readonly name = 'RegexProblem';
}

const mostKept = 1000;
const kept = new Map<string, Matcher>();

/**
 * Compiles a pattern as Go does (RE2: linear time, no look-around, no back-references); one that Go refuses throws
 * {@link RegexProblem}. Patterns are kept, so that the overlays of a fleet compile each of them once.
 */
export function regexOf(pattern: string): Matcher {
  let matcher = kept.get(pattern);
  if (matcher === undefined) {
    matcher = compile(pattern);
    if (kept.size >= mostKept) kept.clear();
    kept.set(pattern, matcher);
  }
  return matcher;
}

/** Machines grow with patterns, and long ones with classes and counts take minutes to build. */
const longestPattern = 1_000;

function compile(pattern: string): Matcher {
  if (pattern.length > longestPattern)
    throw new RegexProblem(`it is longer than ${longestPattern} characters`);
  try {
    const regex = RE2JS.compile(pattern);
    return (text) => regex.test(text);
  } catch (error) {
    if (error instanceof RE2JSException)
      throw new RegexProblem(error.message.replace('error parsing regexp: ', ''), { cause: error });
    throw error;
  }
}
