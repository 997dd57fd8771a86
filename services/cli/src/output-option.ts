import { Option, type Command as Program } from 'commander';
import type { OutputFormat } from './output.ts';

const formats: readonly OutputFormat[] = ['table', 'json', 'yaml'];

/** `--output` of every command: a format; for `build` what it is for kustomize, a file or a directory. */
export function outputOption(): Option {
  return (
    new Option('-o, --output <format>', 'how to answer; for "build" the file or directory to write to')
      .choices(formats)
      .default('table')
      // Which command it is for is not known yet: `checkFormat` looks later.
      .argParser((text) => text)
  );
}

/** The format that a text names; undefined for another text. */
export function formatNamed(text: string): OutputFormat | undefined {
  return formats.find((format) => format === text);
}

/** Ends a command that is told another format than there is. */
export function checkFormat(program: Program, command: Program): void {
  const { output } = program.opts<{ output: string }>();
  if (formatNamed(output) !== undefined || writesFiles(command)) return;
  program.error(
    `error: option '-o, --output <format>' argument '${output}' is invalid. Allowed choices are ${formats.join(', ')}.`,
  );
}

/** Where `build` writes to; undefined for standard output. */
export function destinationOf(command: Program): string | undefined {
  if (command.getOptionValueSourceWithGlobals('output') === 'default') return undefined;
  const { output } = command.optsWithGlobals<{ output: string }>();
  return output === '' || output === '-' ? undefined : output;
}

function writesFiles(command: Program): boolean {
  return command.name() === 'build' && command.opts<{ explain?: unknown }>().explain === undefined;
}
