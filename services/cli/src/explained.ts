import type { ExplainedField, ExplainView, FieldSource } from '@meridian/fleet';
import { safeJson, type Printer } from './output.ts';
import { oneLine } from './text.ts';

/** Prints what set each field of an object, and what it was before. `subject` says what the object is of. */
export function tellExplained(
  printer: Printer,
  subject: string,
  { object, fields }: Pick<ExplainView, 'object' | 'fields'>,
): void {
  const { kind, namespace, name } = object;
  const id = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  printer.raw(`${printer.paint('strong', oneLine(id))} ${oneLine(`of ${subject}`)}\n`);
  for (const { field, history } of fields) {
    const last = history.at(-1);
    if (!last) continue;
    const { paint } = printer;
    printer.raw(
      `${oneLine(field)}: ${paint('strong', valueText(last))}  ${sourceText(last.source, printer)}\n`,
    );
    for (const before of history.slice(0, -1).toReversed())
      printer.raw(
        `  ${paint('dim', 'before:')} ${paint('dim', valueText(before))}  ${sourceText(before.source, printer)}\n`,
      );
  }
}

/** Longer values are cut; `-o json` has them whole. */
const mostCharacters = 80;

function valueText({ value }: ExplainedField['history'][number]): string {
  if (value === undefined) return '(taken away)';
  const text = oneLine(safeJson(value));
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

/** The place where the value stands first, then the entry that leads there and the transformer. */
function sourceText({ file, line, field, by, written }: FieldSource, { paint }: Printer): string {
  const entry = [placeText({ file, line }), field].filter((part) => part !== undefined).join(' ');
  const through = [...(written ? [entry] : []), by].filter((part) => part !== undefined).join(', ');
  const place = oneLine(written ? placeText(written) : entry);
  return `${place}${through === '' ? '' : ` ${paint('dim', oneLine(`(${through})`))}`}`;
}

function placeText({ file, line }: { readonly file: string; readonly line?: number | undefined }): string {
  return line === undefined ? file : `${file}:${line}`;
}
