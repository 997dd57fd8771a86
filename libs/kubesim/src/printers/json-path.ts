import { isObject } from '../json.ts';
import type { Json } from '../json.ts';

/** One step of a path: from each value it reaches some further values; undefined when it cannot be taken. */
type Step = (value: Json) => readonly Json[] | undefined;

const fieldForm = /^\.((?:\\.|[^.,[\]\s{}$@\\])+)/;
const keyForm = /^\['([^']*)'\]/;
const sliceForm = /^\[(-?\d+)?(:(-?\d*))?\]/;
const everyForm = /^\[\*\]/;
const filterForm = /^\[\?\(@((?:"[^"]*"|'[^']*'|[^)])*)\)\]/;
const comparisonForm = /^([^!<>=]+)([!<>=]+)(.+)$/;

/**
 * Finds the first value at a path as columns of custom kinds write it: fields, keys, indexes, ranges, wildcards and filters
 * (k8s.io/client-go/util/jsonpath; neither unions nor recursive descent).
 * @returns undefined when nothing is there, or when the path cannot be followed.
 */
export function findFirst(value: Json, path: string): Json | undefined {
  return follow(value, path)?.[0];
}

function follow(value: Json, path: string): readonly Json[] | undefined {
  const steps = stepsOf(path);
  let reached: readonly Json[] = [value];
  for (const step of steps ?? []) {
    const next = reached.map(step);
    if (next.includes(undefined)) return undefined;
    reached = next.flatMap((found) => found ?? []);
  }
  return steps === undefined ? undefined : reached;
}

function stepsOf(path: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = path.startsWith('$') ? path.slice(1) : path;
  while (rest !== '') {
    const read = readStep(rest);
    if (read === undefined) return undefined;
    steps.push(read.step);
    rest = rest.slice(read.length);
  }
  return steps;
}

const forms: readonly (readonly [RegExp, (match: RegExpExecArray) => Step | undefined])[] = [
  [fieldForm, ([, name = '']) => (name === '*' ? membersOf : fieldStep(name.replaceAll('\\', '')))],
  [keyForm, ([, name = '']) => fieldStep(name.replaceAll('\\', ''))],
  [everyForm, () => itemsOf],
  [sliceForm, ([, from, range, to]) => sliceStep(from, range === undefined ? undefined : (to ?? ''))],
  [filterForm, ([, condition = '']) => filterStep(condition)],
];

function readStep(rest: string): { step: Step; length: number } | undefined {
  for (const [form, stepOf] of forms) {
    const match = form.exec(rest);
    const step = match === null ? undefined : stepOf(match);
    if (match !== null && step !== undefined) return { step, length: match[0].length };
  }
  return undefined;
}

function fieldStep(name: string): Step {
  return (value) => {
    const found = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    return found === undefined ? [] : [found];
  };
}

const membersOf: Step = (value) => {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value).filter((member) => member !== undefined) : [];
};

const itemsOf: Step = (value) => {
  if (value === null) return [];
  return Array.isArray(value) && value.length > 0 ? value : undefined;
};

/** One item, or a range of them. */
function sliceStep(from: string | undefined, to: string | undefined): Step | undefined {
  if (from === undefined && to === undefined) return undefined;
  return (value) => {
    if (value === null) return [];
    if (!Array.isArray(value)) return undefined;
    const start = fromEnd(Number(from ?? '0'), value.length);
    if (to === undefined) return part(value, start, start + 1);
    return part(value, start, to === '' ? value.length : fromEnd(Number(to), value.length));
  };
}

/** An index out of bounds ends the search, as it does in Go. */
function part(items: readonly Json[], start: number, end: number): readonly Json[] | undefined {
  if (start === end) return [];
  return start >= 0 && start < end && end <= items.length ? items.slice(start, end) : undefined;
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function filterStep(condition: string): Step {
  const [, path = condition, operator, right = ''] = comparisonForm.exec(condition) ?? [];
  const wanted = operator === undefined ? undefined : literal(right.trim());
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return value.filter((item) => {
      const found = findFirst(item, path.trim());
      if (operator === undefined || found === undefined) return operator === undefined && found !== undefined;
      return compare(found, operator, wanted ?? null);
    });
  };
}

function literal(text: string): Json {
  const quoted = /^(["'])(.*)\1$/.exec(text)?.[2];
  if (quoted !== undefined) return quoted;
  if (text === 'true' || text === 'false') return text === 'true';
  return Number(text);
}

function compare(left: Json, operator: string, right: Json): boolean {
  if (left === null || right === null || typeof left !== typeof right) return false;
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return false;
  }
}
