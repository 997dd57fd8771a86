import type { Io } from './io.ts';
import { createPaint } from './style.ts';
import type { Paint } from './style.ts';
import { drawTable } from './table.ts';
import type { Table } from './table.ts';
import { sanitise } from './text.ts';

/** How answers are written. */
export type OutputFormat = 'table' | 'json' | 'yaml';

/** Writes answers: tables for people, JSON and YAML for machines. */
export interface Printer {
  readonly format: OutputFormat;
  readonly paint: Paint;
  /** Terminal columns; undefined when stdout is no terminal. */
  readonly columns: number | undefined;
  /** One safe line on stdout. Already painted text is passed through `raw`. */
  readonly line: (text?: string) => void;
  /** Text whose foreign parts were made safe by the caller. */
  readonly raw: (text: string) => void;
  readonly table: (table: Table) => void;
  /** JSON or YAML when the person asked for it; gives false for `table`, and the caller draws. */
  readonly machine: (value: unknown) => Promise<boolean>;
  /** One value a line when the person asked for JSON; used by streams. */
  readonly machineLine: (value: unknown) => Promise<boolean>;
}

/** A printer for one run of a command. */
export function createPrinter(io: Io, options: { format: OutputFormat; color: boolean }): Printer {
  const paint = createPaint(io, options.color);
  const columns = io.stdout.isTTY ? (io.stdout.columns ?? 80) : undefined;
  const raw = (text: string) => void io.stdout.write(text);
  return {
    format: options.format,
    paint,
    columns,
    line: (text = '') => raw(`${sanitise(text)}\n`),
    raw,
    table: (table) => raw(drawTable(table, { columns, paint })),
    async machine(value) {
      if (options.format === 'table') return false;
      raw(options.format === 'json' ? `${safeJson(value, 2)}\n` : await yamlText(value));
      return true;
    },
    async machineLine(value) {
      if (options.format === 'table') return false;
      raw(options.format === 'json' ? `${safeJson(value)}\n` : `---\n${await yamlText(value)}`);
      return true;
    },
  };
}

// JSON.stringify leaves DEL, C1 and direction characters as they are; a terminal would obey them.
const leftByJson = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON that is safe to print on a terminal and means the same value. */
export function safeJson(value: unknown, indent?: number): string {
  const escape = (character: string) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, indent).replace(leftByJson, escape);
}

async function yamlText(value: unknown): Promise<string> {
  const { dump } = await import('js-yaml');
  // A round trip through JSON drops undefined and anything else YAML could not say.
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return sanitise(dump(plain, { lineWidth: -1, noRefs: true }));
}
