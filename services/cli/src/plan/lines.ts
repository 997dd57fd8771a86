import type { FieldChange, ObjectChange } from '@meridian/diff';
import type { Json } from '@meridian/manifests';
import { oneLine, truncate } from '../text.ts';

/** One line of a change: `+` comes, `-` goes, `!` changes, ` ` tells more. The text is safe for a terminal. */
export interface PlanLine {
  readonly sign: '+' | '-' | '!' | ' ';
  readonly text: string;
}

/** Columns of a value; more does not help to understand a change. */
const widest = 160;
/** Lines of a text with several lines. */
const mostTextLines = 20;

const words: {
  readonly [change in ObjectChange['change']]: { readonly sign: PlanLine['sign']; readonly word: string };
} = {
  created: { sign: '+', word: '' },
  changed: { sign: '!', word: '' },
  replaced: { sign: '!', word: '' },
  deleted: { sign: '-', word: 'DELETE ' },
  runs: { sign: ' ', word: 'runs: ' },
  moved: { sign: '!', word: 'moves: ' },
  left: { sign: ' ', word: 'left behind: ' },
};

/** An object and, below it, its fields. */
export function objectLines({
  change,
  key,
  hook,
  replaces,
  fields,
  ...moves
}: ObjectChange): readonly PlanLine[] {
  const { sign, word } = words[change];
  const place = key.namespace === '' ? '' : `${key.namespace}/`;
  const from = replaces === undefined ? '' : ` replaces ${replaces}`;
  const phases = hook && ` (hook: ${hook.length > 0 ? hook.join(', ') : 'never runs'})`;
  const head = oneLine(`${word}${key.kind} ${place}${key.name}${from}${phases ?? ''}${moveText(moves)}`);
  // The new name stands in the first line already.
  const told = replaces === undefined ? fields : fields.filter(({ path }) => path !== 'metadata.name');
  return [{ sign, text: head }, ...told.flatMap((field) => fieldLines(field, '    '))];
}

function moveText({ movesTo, movesFrom }: Pick<ObjectChange, 'movesTo' | 'movesFrom'>): string {
  if (movesTo !== undefined) return ` to application ${movesTo}`;
  return movesFrom === undefined ? '' : ` from application ${movesFrom}`;
}

/** A field before and after; of a text with several lines only those that differ. */
export function fieldLines({ path, before, after }: FieldChange, indent: string): readonly PlanLine[] {
  const isText = typeof before === 'string' && typeof after === 'string';
  if (isText && (before.includes('\n') || after.includes('\n')))
    return [{ sign: ' ', text: `${indent}${oneLine(path)}:` }, ...textLines(before, after, `${indent}  `)];
  const line = (sign: '+' | '-', value: Json | undefined): readonly PlanLine[] =>
    value === undefined
      ? []
      : [{ sign, text: truncate(`${indent}${oneLine(path)}: ${valueText(value)}`, widest) }];
  return [...line('-', before), ...line('+', after)];
}

function textLines(before: string, after: string, indent: string): readonly PlanLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, now.length) - start;
  while (end < most && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const cut = (lines: readonly string[], sign: '+' | '-') =>
    lines
      .slice(start, lines.length - end)
      .map((text) => ({ sign, text: truncate(`${indent}${oneLineKeepingIndent(text)}`, widest) }));
  const all = [...cut(old, '-'), ...cut(now, '+')];
  const left = all.length - mostTextLines;
  if (left <= 1) return all;
  return [...all.slice(0, mostTextLines), { sign: ' ', text: `${indent}… and ${left} more lines` }];
}

function oneLineKeepingIndent(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return `${indent}${oneLine(text)}`;
}

/** A value as a person writes it; texts that could be taken for something else are quoted. */
function valueText(value: Json): string {
  if (
    typeof value === 'string' &&
    /^[\w./:@*${}-]+$/.test(value) &&
    !/^(?:[\d.]+|true|false|null)$/.test(value)
  )
    return value;
  return oneLine(JSON.stringify(value));
}
