import { statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileNamesOf } from '@meridian/kustomize';
import { CliError, exitCodes } from './cli-error.ts';
import type { CommandContext } from './command.ts';

/** Finished objects and how they are written as YAML. */
export interface Writable<T> {
  readonly objects: readonly T[];
  readonly yaml: (objects: readonly T[]) => string;
}

/**
 * Writes objects where `--output` says, as kustomize does: into a file, into one for each of them in a directory that is there, or
 * to standard output when it is undefined. Throws CliError when that cannot be; nothing is written when the names of files are at fault.
 */
export function writeObjects<T extends object>(
  { io, printer }: CommandContext,
  output: string | undefined,
  { objects, yaml }: Writable<T>,
): void {
  if (output === undefined) return printer.raw(yaml(objects));
  const path = resolve(io.cwd, output);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return writeText(path, yaml(objects));
  const named = new Map<string, T>();
  for (const [index, name] of fileNamesOf(objects).entries()) {
    const object = objects[index];
    if (object === undefined) continue;
    checkName(name, named);
    named.set(name, object);
  }
  for (const [name, object] of named) writeText(join(path, name), yaml([object]));
}

function checkName(name: string, taken: ReadonlyMap<string, unknown>): void {
  const fix = 'rename the object, or write all objects into one file: --output FILE';
  if (/[/\0]/.test(name)) throw new CliError(exitCodes.failed, `${name} cannot be the name of a file`, fix);
  if (taken.has(name))
    throw new CliError(exitCodes.failed, `two objects would be written to the file ${name}`, fix);
}

function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CliError(
      exitCodes.failed,
      `the objects cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'name a file in a directory that exists and that you may write to, or a directory',
    );
  }
}
