import type { Paint, Tone } from './style.ts';
import { oneLine, textWidth, truncate } from './text.ts';

/** A cell: text and how it is meant. A bare string is plain. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** A table for people. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** How a table is drawn: `columns` is the terminal's width; undefined (a pipe, a file) cuts nothing. */
export interface TableOptions {
  readonly columns: number | undefined;
  readonly paint: Paint;
}

const gap = 2;
const narrowest = 6;

/** Draws an aligned table, newline at the end of each line. On a terminal the widest columns give way until it fits. */
export function drawTable(table: Table, options: TableOptions): string {
  const rows = table.rows.map((row) => row.map((cell) => clean(cell)));
  const header = table.header.map((text) => ({ text: oneLine(text).toUpperCase(), tone: 'dim' as const }));
  const widths = fit(naturalWidths([header, ...rows]), options.columns);
  return [header, ...rows].map((row) => `${drawRow(row, widths, options.paint)}\n`).join('');
}

function clean(cell: Cell): { text: string; tone: Tone } {
  return typeof cell === 'string'
    ? { text: oneLine(cell), tone: 'plain' }
    : { text: oneLine(cell.text), tone: cell.tone };
}

function naturalWidths(rows: readonly (readonly { text: string }[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, textWidth(cell.text));
    });
  }
  return widths;
}

/** Takes columns from the widest one at a time; the first column, the name, gives way last. */
function fit(widths: number[], columns: number | undefined): number[] {
  if (columns === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width + gap, -gap) - columns;
  while (excess > 0) {
    const column = widestColumn(widths);
    if (column === undefined) break;
    widths[column] = (widths[column] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestColumn(widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  widths.forEach((width, column) => {
    if (column === 0 || width <= narrowest) return;
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = column;
  });
  return widest ?? ((widths[0] ?? 0) > narrowest ? 0 : undefined);
}

function drawRow(
  row: readonly { text: string; tone: Tone }[],
  widths: readonly number[],
  paint: Paint,
): string {
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0;
    const text = truncate(cell.text, width);
    const padding = column === row.length - 1 ? '' : ' '.repeat(Math.max(0, width - textWidth(text)));
    return `${paint(cell.tone, text)}${padding}`;
  });
  return cells.join(' '.repeat(gap)).trimEnd();
}
