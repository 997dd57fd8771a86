import type { ExplainedField, ExplainView, FieldSource } from '@meridian/fleet';
import { exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { safeJson } from '../output.ts';
import { isExplain } from '../shapes.ts';
import { oneLine, shortId } from '../text.ts';

/** What `meridian explain` is told. */
export interface ExplainParameters {
  readonly application: string;
  readonly cluster: string;
  readonly object: string;
  readonly field?: string | undefined;
  readonly revision?: string | undefined;
}

/** `meridian explain APP --cluster C deployment/x [.spec.replicas] [--revision R]`: what set each field, and what it was before. */
export const explain: Command<ExplainParameters> = async ({ client, printer }, parameters) => {
  const { application, cluster, object, field, revision } = parameters;
  const query = new URLSearchParams({
    cluster,
    object,
    ...(field === undefined ? {} : { field }),
    ...(revision === undefined ? {} : { revision }),
  });
  const view = await client().get(
    `/v1/applications/${encodeURIComponent(application)}/explain?${query.toString()}`,
    isExplain,
  );
  if (await printer.machine(view)) return exitCodes.ok;
  tell(printer, view);
  return exitCodes.ok;
};

type Printer = CommandContext['printer'];

function tell(printer: Printer, { application, cluster, revision, object, fields }: ExplainView): void {
  const { kind, namespace, name } = object;
  const id = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  printer.raw(
    `${printer.paint('strong', oneLine(id))} ${oneLine(`of ${application} in ${cluster} at ${shortId(revision)}`)}\n`,
  );
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
