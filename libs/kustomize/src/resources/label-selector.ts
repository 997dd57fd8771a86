/** Labels or annotations as kustomize reads them: the text of every value. */
export type Labels = ReadonlyMap<string, string>;

/** Why a selector cannot be read; the caller knows where it is written. */
export class SelectorProblem extends Error {
  override readonly name = 'SelectorProblem';
}

type Requirement = (labels: Labels) => boolean;

/**
 * Reads a Kubernetes label selector such as `app=web,tier in (a, b),!legacy` exactly as apimachinery's `labels.Parse`; one
 * that it refuses throws {@link SelectorProblem}. An empty text selects everything.
 */
export function parseLabelSelector(text: string): Requirement {
  const requirements = new Parser(tokensOf(text)).parse();
  return (labels) => requirements.every((holds) => holds(labels));
}

/** Every token; the end is an empty text. */
function tokensOf(text: string): string[] {
  return [...(text.match(/!=|==|[=!(),<>]|[^=!(),<> \t\r\n]+/g) ?? []), ''];
}

const special: ReadonlySet<string> = new Set(['', '!=', '==', '=', '!', '(', ')', ',', '<', '>']);

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    while (this.#peek() !== '') {
      requirements.push(this.#requirement());
      if (this.#peek() === '') break;
      this.#expect(',');
      if (!isWord(this.#peek()) && this.#peek() !== '!') this.#unexpected('a label after the comma');
    }
    return requirements;
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #take(): string {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #expect(token: string): void {
    if (this.#peek() !== token) this.#unexpected(token === ',' ? 'a comma or the end' : token);
    this.#at += 1;
  }

  #unexpected(wanted: string): never {
    const found = this.#peek();
    throw new SelectorProblem(`${found === '' ? 'it ends' : `there is ${found}`} where ${wanted} is wanted`);
  }

  #word(wanted: string): string {
    return isWord(this.#peek()) ? this.#take() : this.#unexpected(wanted);
  }

  #requirement(): Requirement {
    const isNegated = this.#peek() === '!';
    if (isNegated) this.#at += 1;
    const key = checkedKey(this.#word('a label'));
    if (isNegated) return (labels) => !labels.has(key);
    if (this.#peek() === '' || this.#peek() === ',') return (labels) => labels.has(key);
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const operator = this.#peek();
    this.#at += 1;
    switch (operator) {
      case 'in':
        return isAmong(key, this.#values());
      case '=':
      case '==':
        return isAmong(key, [this.#value()]);
      case 'notin':
        return not(isAmong(key, this.#values()));
      case '!=':
        return not(isAmong(key, [this.#value()]));
      case '<':
      case '>':
        return isBeyond(key, operator, this.#value());
      default:
        this.#at -= 1;
        return this.#unexpected('=, !=, in or notin');
    }
  }

  #value(): string {
    if (this.#peek() === '' || this.#peek() === ',') return '';
    return checkedValue(this.#word('a value'));
  }

  /** The values in parentheses; nothing between two commas is the empty value. */
  #values(): string[] {
    this.#expect('(');
    const values: string[] = [];
    for (;;) {
      values.push(isWord(this.#peek()) ? checkedValue(this.#take()) : '');
      if (this.#peek() !== ',') break;
      this.#at += 1;
    }
    this.#expect(')');
    return values;
  }
}

function isWord(token: string): boolean {
  return !special.has(token);
}

function isAmong(key: string, values: readonly string[]): Requirement {
  return (labels) => {
    const value = labels.get(key);
    return value !== undefined && values.includes(value);
  };
}

function not(holds: Requirement): Requirement {
  return (labels) => !holds(labels);
}

function isBeyond(key: string, operator: '<' | '>', text: string): Requirement {
  const limit = integerOf(text);
  if (limit === undefined) throw new SelectorProblem(`${operator} takes a whole number, not ${text}`);
  return (labels) => {
    const value = integerOf(labels.get(key) ?? '');
    if (value === undefined) return false;
    return operator === '<' ? value < limit : value > limit;
  };
}

/** What Go's `ParseInt` reads into 64 bits. */
function integerOf(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const nameForm = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const domainForm = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function checkedKey(key: string): string {
  const slash = key.indexOf('/');
  const [domain, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const isDomain = domain === undefined || (domain.length <= 253 && domainForm.test(domain));
  if (isDomain && name.length <= 63 && nameForm.test(name)) return key;
  throw new SelectorProblem(`${key} is no name of a label`);
}

function checkedValue(value: string): string {
  if (value.length <= 63 && nameForm.test(value)) return value;
  throw new SelectorProblem(`${value} is no value of a label`);
}
