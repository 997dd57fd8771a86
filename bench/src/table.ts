import type { Figure } from './figure.ts';

/** Figures as a table with aligned columns, one line each. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.figure,
    `${figure.value}`,
    figure.unit,
    `${figure.n}`,
    figure.against === undefined ? '' : `${figure.ratio} x ${figure.against}`,
  ]);
  const table = [['figure', 'value', 'unit', 'n', 'against'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number) => column === 1 || column === 3;
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return table.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('');
}
