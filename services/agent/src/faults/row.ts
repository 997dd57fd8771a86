/** One figure of an agent under one fault, and what it has to be. */
export interface FaultRow {
  readonly fault: string;
  readonly figure: string;
  /** Undefined when what was waited for did not happen. */
  readonly value: number | undefined;
  readonly unit: string;
  /** The most that the value may be. */
  readonly goal: number;
  readonly met: boolean;
}

/** Makes a row; rounds for the eye only after it has judged. */
export function rowOf(row: Omit<FaultRow, 'met'>): FaultRow {
  const { value } = row;
  const met = value !== undefined && value <= row.goal;
  return { ...row, met, value: value === undefined ? undefined : Number(value.toFixed(2)) };
}

/** The sample below or at which `share` (0 to 1) of them lie, by nearest rank; undefined without samples. */
export function percentile(samples: readonly number[], share: number): number | undefined {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Rows as a table with aligned columns, one line each. */
export function rowTable(rows: readonly FaultRow[]): string {
  const cells = rows.map(({ fault, figure, value, unit, goal, met }) => [
    fault,
    figure,
    value === undefined ? 'never' : `${value} ${unit}`,
    `<= ${goal} ${unit}`,
    met ? 'met' : 'NOT MET',
  ]);
  const table = [['fault', 'figure', 'value', 'goal', ''], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return table.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('');
}
