import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError, exitCodes } from './cli-error.ts';
import type { Io } from './io.ts';

/** A file that was read; `name` is its path without the first slash, or `stdin`. */
export interface Input {
  readonly name: string;
  readonly text: string;
}

/** Larger files are not read; the parser takes less, and says so with its own limit. */
const maxBytes = 64 * 1024 * 1024;
const maxFiles = 10_000;
const maxDepth = 32;

/**
 * The files that are named: a file, every YAML and JSON file below a directory, or `-` for what is piped in. Links are
 * followed only when they are named themselves.
 */
export async function readInputs(names: readonly string[], io: Io): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  for (const name of names) {
    if (name === '-') inputs.push({ name: 'stdin', text: await pipedIn(io) });
    else for (const path of filesAt(resolve(io.cwd, name), name)) inputs.push(readInput(path));
    if (inputs.length > maxFiles)
      throw new CliError(exitCodes.failed, `more than ${maxFiles} files were given`);
  }
  return inputs;
}

async function pipedIn({ stdin, signal }: Io): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stdin) {
    signal.throwIfAborted();
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > maxBytes)
      throw new CliError(exitCodes.failed, `more than ${maxBytes} bytes are piped in`, 'split them');
  }
  return text + decoder.decode();
}

function filesAt(path: string, name: string): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats)
    throw new CliError(exitCodes.failed, `${name} is not there`, 'name a file, a directory, or - for stdin');
  return stats.isDirectory() ? filesBelow(path, 0) : [path];
}

function filesBelow(directory: string, depth: number): string[] {
  if (depth > maxDepth)
    throw new CliError(exitCodes.failed, `${directory} lies deeper than ${maxDepth} directories`);
  return readdirSync(directory)
    .toSorted()
    .flatMap((entry) => {
      const path = join(directory, entry);
      const stats = lstatSync(path);
      if (stats.isDirectory()) return filesBelow(path, depth + 1);
      return stats.isFile() && /\.(?:ya?ml|json)$/.test(entry) ? [path] : [];
    });
}

function readInput(path: string): Input {
  const { size } = statSync(path);
  if (size > maxBytes)
    throw new CliError(exitCodes.failed, `${path} is larger than ${maxBytes} bytes`, 'split it');
  return { name: path.slice(1), text: readFileSync(path, 'utf8') };
}
