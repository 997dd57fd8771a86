import type { FieldStep } from './history.ts';

const plainKey = /^[A-Za-z0-9_$-]+$/;

/** A path as people write it: `.spec.containers[name=server].image`, `.metadata.labels["a.b/c"]`, `.spec.args[0]`. */
export function fieldText(path: readonly FieldStep[]): string {
  return path.map(stepText).join('');
}

function stepText(step: FieldStep): string {
  if (typeof step === 'string') return plainKey.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  const { index, key } = step;
  if (!key) return `[${index}]`;
  return `[${key.name}=${/^[\w./:-]+$/.test(key.text) ? key.text : JSON.stringify(key.text)}]`;
}

/** One step of a path that somebody asks for. */
type AskedStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'item'; readonly name: string; readonly text: string };

const step =
  /\.?(?:([^.[\]"'=]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]|\[([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^\]]*)\])/y;

/** A test for the fields at or below a path; undefined for a text that is no path. The whole object is `.` or ''. */
export function fieldTest(text: string): ((path: readonly FieldStep[]) => boolean) | undefined {
  const asked = askedSteps(text);
  if (!asked) return undefined;
  return (path) =>
    asked.length <= path.length && asked.every((each, index) => isMeant(each, path[index] ?? ''));
}

function askedSteps(text: string): readonly AskedStep[] | undefined {
  const asked: AskedStep[] = [];
  if (text === '' || text === '.') return asked;
  step.lastIndex = 0;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (!found) return undefined;
    asked.push(askedStep(found));
  }
  return asked;
}

function askedStep([, key, index, double, single, name, value = '']: RegExpExecArray): AskedStep {
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (name !== undefined) return { kind: 'item', name, text: unquoted(value) };
  return { kind: 'key', key: key ?? single ?? unquoted(`"${double ?? ''}"`) };
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text;
}

function isMeant(asked: AskedStep, at: FieldStep): boolean {
  if (asked.kind === 'key') return at === asked.key;
  if (typeof at === 'string') return false;
  if (asked.kind === 'index') return at.index === asked.index;
  return at.key?.name === asked.name && at.key.text === asked.text;
}
