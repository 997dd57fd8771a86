import type { Figure } from './figure.ts';

/** Figures as a table with aligned columns, one line each. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.figure,
    `${figure.value}`,
    figure.unit,
    `${figure.n}`,
    figure.against === undefined ? '' : `${figure.ratio} x ${figure.against}`,
    figure.published === undefined ? '' : publishedText(figure.published),
  ]);
  const table = [['figure', 'value', 'unit', 'n', 'against', 'published elsewhere'], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = (column: number) => column === 1 || column === 3;
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return table.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('');
}

function publishedText({ by, value, ratio }: NonNullable<Figure['published']>): string {
  return `${ratio} x the ${value} of ${by}`;
}
