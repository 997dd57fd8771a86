/** Linear-time regular expressions (the common part of RE2's syntax): a text of n characters costs O(n x pattern). */
export type Matcher = (text: string) => boolean;

type Test = (code: number) => boolean;
type Step =
  | { readonly kind: 'char'; readonly test: Test }
  | { kind: 'split'; left: number; right: number }
  | { readonly kind: 'start' | 'end' | 'match' };

const largestProgram = 4000;
const largestRepeat = 1000;

/** Compiles a pattern; a pattern that is wrong, too large or uses a rarer construct gives the reason. */
export function compileRegex(pattern: string): Matcher | { readonly refused: string } {
  try {
    const program = new Compiler(pattern).compile();
    return (text) => run(program, text);
  } catch (error) {
    if (error instanceof PatternError) return { refused: error.message };
    throw error;
  }
}

class PatternError extends Error {
  override readonly name = 'PatternError';
}

class Compiler {
  readonly #pattern: string;
  #at = 0;
  readonly #program: Step[] = [];

  constructor(pattern: string) {
    if (pattern.length > 1000) throw new PatternError('the pattern is too long');
    this.#pattern = pattern;
  }

  compile(): readonly Step[] {
    this.#alternatives();
    if (this.#at < this.#pattern.length) throw new PatternError(`unexpected ) at ${this.#at + 1}`);
    this.#emit({ kind: 'match' });
    return this.#program;
  }

  #emit(step: Step): number {
    if (this.#program.length >= largestProgram) throw new PatternError('the pattern is too large');
    return this.#program.push(step) - 1;
  }

  /** Inserts a split before `from`, moving everything after it. */
  #splitBefore(from: number): void {
    this.#emit({ kind: 'match' });
    for (let index = this.#program.length - 1; index > from; index -= 1) {
      const step = this.#program[index - 1];
      if (step) this.#program[index] = shifted(step, from);
    }
    this.#program[from] = { kind: 'split', left: from + 1, right: from + 1 };
  }

  #alternatives(): void {
    const start = this.#program.length;
    this.#sequence();
    while (this.#pattern[this.#at] === '|') {
      this.#at += 1;
      this.#splitBefore(start);
      const jump = this.#emit({ kind: 'split', left: 0, right: 0 });
      this.#program[start] = { kind: 'split', left: start + 1, right: this.#program.length };
      this.#sequence();
      this.#program[jump] = { kind: 'split', left: this.#program.length, right: this.#program.length };
    }
  }

  #sequence(): void {
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#pattern.charAt(this.#at))) {
      const start = this.#program.length;
      this.#atom();
      this.#repeats(start);
    }
  }

  #repeats(start: number): void {
    const sign = this.#pattern[this.#at];
    const counted = sign === '{' ? /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#pattern.slice(this.#at)) : null;
    if (counted) this.#counted(start, counted);
    else if (sign === '*') this.#star(start);
    else if (sign === '+') this.#emit({ kind: 'split', left: start, right: this.#program.length + 1 });
    else if (sign === '?') this.#optional(start);
    else return;
    this.#at += counted ? counted[0].length : 1;
    if (this.#pattern[this.#at] === '?') this.#at += 1;
    if ('*+?'.includes(this.#pattern[this.#at] ?? ' ')) throw new PatternError('repeated repetition');
  }

  #star(start: number): void {
    this.#splitBefore(start);
    this.#emit({ kind: 'split', left: start, right: start });
    this.#program[start] = { kind: 'split', left: start + 1, right: this.#program.length };
  }

  #optional(start: number): void {
    this.#splitBefore(start);
    this.#program[start] = { kind: 'split', left: start + 1, right: this.#program.length };
  }

  #counted(start: number, count: RegExpExecArray): void {
    const { least, most, isOpen } = bounds(count);
    const body = this.#program.splice(start);
    const again = (): number => {
      const from = this.#program.length;
      for (const step of body) this.#emit(moved(step, from - start));
      return from;
    };
    for (let copy = 0; copy < least; copy += 1) again();
    if (isOpen) this.#star(again());
    else for (let copy = least; copy < most; copy += 1) this.#optional(again());
  }

  #atom(): void {
    const sign = this.#pattern.charAt(this.#at);
    this.#at += 1;
    switch (sign) {
      case '(':
        this.#group();
        break;
      case '[':
        this.#emit({ kind: 'char', test: this.#set() });
        break;
      case '.':
        this.#emit({ kind: 'char', test: (code) => code !== 10 });
        break;
      case '^':
        this.#emit({ kind: 'start' });
        break;
      case '$':
        this.#emit({ kind: 'end' });
        break;
      case '\\':
        this.#emit({ kind: 'char', test: this.#escape() });
        break;
      case '*':
      case '+':
      case '?':
        throw new PatternError(`nothing to repeat before ${sign}`);
      default:
        this.#emit({ kind: 'char', test: is(sign.charCodeAt(0)) });
    }
  }

  #group(): void {
    if (this.#pattern.startsWith('?:', this.#at)) this.#at += 2;
    else if (this.#pattern[this.#at] === '?') throw new PatternError('only (?: groups are supported');
    this.#alternatives();
    if (this.#pattern[this.#at] !== ')') throw new PatternError('missing )');
    this.#at += 1;
  }

  #escape(): Test {
    const sign = this.#pattern.charAt(this.#at);
    this.#at += 1;
    const known = classes[sign];
    if (known) return known;
    if (sign === '' || /[A-Za-z0-9]/.test(sign)) throw new PatternError(`unsupported escape \\${sign}`);
    return is(sign.charCodeAt(0));
  }

  #set(): Test {
    const negated = this.#pattern[this.#at] === '^';
    if (negated) this.#at += 1;
    const tests: Test[] = [];
    while (tests.length === 0 || this.#pattern[this.#at] !== ']') {
      if (this.#at >= this.#pattern.length) throw new PatternError('missing ]');
      if (this.#pattern.startsWith('[:', this.#at))
        throw new PatternError('named character classes are not supported');
      tests.push(this.#setItem());
    }
    this.#at += 1;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  #setItem(): Test {
    const first = this.#setChar();
    if (
      typeof first === 'function' ||
      this.#pattern[this.#at] !== '-' ||
      this.#pattern[this.#at + 1] === ']'
    ) {
      return typeof first === 'function' ? first : is(first);
    }
    this.#at += 1;
    const last = this.#setChar();
    if (typeof last === 'function' || last < first) throw new PatternError('bad character range');
    return (code) => code >= first && code <= last;
  }

  #setChar(): number | Test {
    const sign = this.#pattern.charAt(this.#at);
    this.#at += 1;
    if (sign !== '\\') return sign.charCodeAt(0);
    const next = this.#pattern.charAt(this.#at);
    const test = this.#escape();
    return classes[next] ? test : next.charCodeAt(0);
  }
}

function bounds([, low, comma, high = '']: RegExpExecArray): {
  least: number;
  most: number;
  isOpen: boolean;
} {
  const least = Number(low);
  const isOpen = comma !== undefined && high === '';
  const most = comma === undefined || isOpen ? least : Number(high);
  if (most > largestRepeat || most < least) throw new PatternError('bad repetition count');
  return { least, most, isOpen };
}

const is =
  (wanted: number): Test =>
  (code) =>
    code === wanted;
const digit: Test = (code) => code >= 48 && code <= 57;
const word: Test = (code) =>
  digit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const space: Test = (code) => code === 32 || (code >= 9 && code <= 13 && code !== 11);
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);
const classes: Readonly<Record<string, Test>> = {
  d: digit,
  D: not(digit),
  w: word,
  W: not(word),
  s: space,
  S: not(space),
  n: is(10),
  t: is(9),
  r: is(13),
};

/** A step after one step was inserted at `from`. */
function shifted(step: Step, from: number): Step {
  const to = (target: number): number => (target >= from ? target + 1 : target);
  return step.kind === 'split' ? { kind: 'split', left: to(step.left), right: to(step.right) } : step;
}

function moved(step: Step, by: number): Step {
  return step.kind === 'split' ? { kind: 'split', left: step.left + by, right: step.right + by } : step;
}

function run(program: readonly Step[], text: string): boolean {
  let states: number[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    const seen = new Uint8Array(program.length);
    const reached: number[] = [];
    for (const state of [...states, 0])
      reach(program, state, { seen, reached, atStart: at === 0, atEnd: at === text.length });
    if (reached.some((state) => program[state]?.kind === 'match')) return true;
    const code = text.charCodeAt(at);
    states = [];
    for (const state of reached) {
      const step = program[state];
      if (at < text.length && step?.kind === 'char' && step.test(code)) states.push(state + 1);
    }
  }
  return false;
}

interface Reaching {
  readonly seen: Uint8Array;
  readonly reached: number[];
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

function reach(program: readonly Step[], from: number, into: Reaching): void {
  const open = [from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const step = program[state];
    if (!step || into.seen[state] === 1) continue;
    into.seen[state] = 1;
    if (step.kind === 'split') open.push(step.left, step.right);
    else if (step.kind === 'start' ? into.atStart : step.kind === 'end' && into.atEnd) open.push(state + 1);
    else into.reached.push(state);
  }
}
