import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot, runCommand, seconds } from '../src/runner/command.ts';
import type { Command, Ended } from '../src/runner/command.ts';

interface Check extends Command {
  readonly name: string;
  readonly meaning: string;
}

const tool = (name: string) => join(repositoryRoot, 'node_modules/.bin', name);
const nx = (...args: string[]): Pick<Command, 'file' | 'args' | 'env'> => ({
  file: tool('nx'),
  args: ['run-many', ...args, '--parallel=2'],
  // The boundary rule needs the project graph, which only Nx makes: lint never runs past it.
  env: { NX_DAEMON: 'false', NX_TUI: 'false', NO_COLOR: '1', FORCE_COLOR: '0' },
});

// Checks of one row run at the same time; two cores have nothing to gain from more.
const rows: readonly (readonly Check[])[] = [
  [
    {
      name: 'format',
      meaning: 'prettier',
      file: tool('prettier'),
      args: ['--check', '--log-level', 'warn', '.'],
    },
    {
      name: 'generated',
      meaning: 'protocol code, schemas and configuration reference are up to date',
      file: process.execPath,
      args: [join(repositoryRoot, 'e2e/bin/generate.ts'), '--check'],
    },
  ],
  [
    // Two programs instead of one per package: what they share is read and checked once, a fifth of the time.
    {
      name: 'types',
      meaning: 'tsc of everything but core',
      file: tool('tsc'),
      args: ['--noEmit', '-p', 'tsconfig.json'],
    },
    {
      name: 'core-types',
      meaning: 'tsc of core packages, for which Node does not exist',
      file: tool('tsc'),
      args: ['--noEmit', '-p', 'libs/tsconfig.core.json'],
    },
  ],
  [{ name: 'lint', meaning: 'eslint and layer rules of every package', ...nx('-t', 'lint') }],
  [
    {
      name: 'unit',
      meaning: 'unit tests',
      file: tool('vitest'),
      args: ['run', '--project', 'unit', '--reporter', 'dot'],
      env: { NO_COLOR: '1', FORCE_COLOR: '0' },
    },
  ],
];

const { values } = parseArgs({
  options: { except: { type: 'string', multiple: true }, only: { type: 'string', multiple: true } },
});
const isWanted = (name: string) =>
  (values.only?.includes(name) ?? true) && !(values.except?.includes(name) ?? false);

const known = rows.flat().map((check) => check.name);
const unknown = [...(values.only ?? []), ...(values.except ?? [])].filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no such check: ${unknown.join(', ')}; there are ${known.join(', ')}\n`);
  process.exit(2);
}

const startedAt = performance.now();
const failed: { check: Check; ended: Ended }[] = [];
for (const row of rows) await Promise.all(row.filter((check) => isWanted(check.name)).map(carryOut));

for (const { check, ended } of failed) {
  process.stdout.write(`\n---- ${check.name} ----\n${ended.output.trimEnd()}\n`);
}
const outcome =
  failed.length === 0 ? 'all good' : `failed: ${failed.map(({ check }) => check.name).join(', ')}`;
process.stdout.write(`\nverify: ${outcome} in ${seconds(performance.now() - startedAt)}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function carryOut(check: Check): Promise<void> {
  const checkStartedAt = performance.now();
  const ended = await runCommand(check);
  if (ended.code !== 0) failed.push({ check, ended });
  const mark = ended.code === 0 ? 'ok    ' : 'FAILED';
  const took = seconds(performance.now() - checkStartedAt).padStart(7);
  process.stdout.write(`${mark} ${check.name.padEnd(10)} ${took}  ${check.meaning}\n`);
}
