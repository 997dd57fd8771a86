import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import type { CommandContext } from './command.ts';
import { oneLine } from './text.ts';

/** What went wrong or is worth a warning; paths are below some directory of this machine. */
export interface Told {
  readonly file: string;
  readonly line?: number | undefined;
  readonly field?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
}

/** Writes on stderr what went wrong, with the place as seen from here: files are below `root`. */
export function tell(
  { io, printer }: CommandContext,
  what: 'error' | 'warning',
  { told, root }: { readonly told: Told; readonly root: string },
): void {
  const file = shownPath(told.file, { root, cwd: io.cwd });
  const place = [file, ...(told.line === undefined ? [] : [told.line])].join(':');
  const field = told.field === undefined ? '' : `${told.field}: `;
  const mark = printer.paint(what === 'error' ? 'bad' : 'busy', `${what}:`);
  io.stderr.write(
    `${mark} ${oneLine(`${place}: ${field}${told.message}`)}\n${told.fix === undefined ? '' : `  fix: ${oneLine(told.fix)}\n`}`,
  );
}

/** A path below a directory as seen from another one. */
export function shownPath(
  path: string,
  { root, cwd }: { readonly root: string; readonly cwd: string },
): string {
  return relative(cwd, `${root === '/' ? '' : root}/${path}`) || '.';
}

/** The same with the directory that it runs in told without links. */
export function fromRealDirectory(context: CommandContext): CommandContext {
  return { ...context, io: { ...context.io, cwd: realpathSync(context.io.cwd) } };
}
