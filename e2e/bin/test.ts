import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../src/runner/command.ts';
import { errorsFileVariable } from '../src/runner/progress.ts';
import { selectProjects, testProjects } from '../src/runner/selection.ts';
import {
  addTallies,
  closingLine,
  errorLines,
  failureLines,
  isGood,
  tallyReport,
} from '../src/runner/summary.ts';
import type { Tally } from '../src/runner/summary.ts';

// Runs the test projects one after another, so that journeys with real servers are not measured beside unit tests.
const { projects, rest } = selectProjects(process.argv.slice(2));
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());

const folder = await mkdtemp(join(tmpdir(), 'meridian-tests-'));
let tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
try {
  for (const project of projects) tally = addTallies(tally, await runProject(project));
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(['', ...failures, closingLine(tally), ''].join('\n'));
process.exitCode = isGood(tally) ? 0 : 1;

async function runProject(project: string): Promise<Tally> {
  if (stopping.signal.aborted) return { passed: 0, failed: 1, skipped: 0 };
  if (!testProjects.some((known) => known === project)) {
    process.stderr.write(`no such test project: ${project}; there are ${testProjects.join(', ')}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  if (project !== 'unit' && project !== 'simulation') await prepareParts();
  const reportFile = join(folder, `${project}.json`);
  process.stdout.write(`\n== ${project} tests ==\n`);
  const errorsFile = join(folder, `${project}-errors.json`);
  const exitCode = await runVitest(project, reportFile, errorsFile);
  const report = await readReport(reportFile);
  failures.push(...failureLines(report), ...errorLines(await readReport(errorsFile)));
  return tallyReport(report, exitCode);
}

/** A part that cannot be had fails the tests that need it, with its name. */
async function prepareParts(): Promise<void> {
  // Loaded only when needed: unit tests run where nothing else does.
  const { installParts } = await import('../src/runner/parts.ts');
  const problem = await installParts(stopping.signal);
  if (problem !== undefined) process.stderr.write(`${problem}\n`);
}

function runVitest(project: string, reportFile: string, errorsFile: string): Promise<number> {
  const reporters = ['default', join(repositoryRoot, 'e2e/src/runner/progress.ts'), 'json'];
  const args = [
    'run',
    ...['--project', project, '--passWithNoTests', `--outputFile.json=${reportFile}`],
    ...reporters.flatMap((reporter) => ['--reporter', reporter]),
    ...rest,
  ];
  return new Promise((done) => {
    const child = spawn(join(repositoryRoot, 'node_modules/.bin/vitest'), args, {
      cwd: repositoryRoot,
      env: { ...process.env, [errorsFileVariable]: errorsFile },
      stdio: 'inherit',
    });
    // Ctrl-C reaches the whole group; vitest then ends by itself, and a plain kill of this process is passed on.
    stopping.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', () => done(255));
    child.once('close', (code) => done(code ?? 255));
  });
}

async function readReport(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
