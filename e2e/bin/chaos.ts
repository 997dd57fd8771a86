import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { faultsNamed } from '../src/chaos/faults/plan.ts';
import { addedUp, isWell, reportText, rowsOf } from '../src/chaos/report.ts';
import { runChaos } from '../src/chaos/run-chaos.ts';
import type { ChaosOptions, ChaosReport } from '../src/chaos/run-chaos.ts';
import { repositoryRoot } from '../src/runner/command.ts';

// npm run chaos -- --minutes 10 --seed 1: faults of all processes of a fleet, with an auditor of the raw stream.
// npm run chaos -- agent and agent-faults are about agents alone and live with them.
const usage = `npm run chaos -- [--minutes N] [--seed N] [--faults TEXT,...] [--hubs N] [--clusters N] [--nats 1|3] [--dir DIR] [--json]
npm run chaos -- report FILE... (what several runs with --json have come to, added up)
npm run chaos -- agent | agent-faults [...]
`;

interface Asked extends Pick<
  ChaosOptions,
  'seed' | 'hubs' | 'clusters' | 'natsServers' | 'faults' | 'durationMs'
> {
  readonly dir: string | undefined;
  readonly isJson: boolean;
  /** The command that does the same again. */
  readonly again: string;
}

/** What the arguments ask for; undefined when that cannot be. */
function read(args: readonly string[]): Asked | undefined {
  const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: number(10),
      seed: number(1),
      hubs: number(3),
      clusters: number(8),
      nats: number(3),
      faults: { type: 'string', default: '' },
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { dir } = values;
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const [hubs, clusters, natsServers] = [Number(values.hubs), Number(values.clusters), Number(values.nats)];
  const faults = faultsNamed(values.faults);
  const areGood = minutes > 0 && [seed, hubs, clusters].every(Number.isSafeInteger);
  if (!areGood || hubs < 2 || clusters < 4 || ![1, 3].includes(natsServers) || !faults) return undefined;
  const filter = values.faults === '' ? '' : ` --faults '${values.faults}'`;
  const again = `npm run chaos -- --minutes ${minutes} --seed ${seed} --hubs ${hubs} --clusters ${clusters} --nats ${natsServers}${filter}`;
  return {
    seed,
    hubs,
    clusters,
    natsServers,
    faults,
    durationMs: minutes * 60_000,
    dir,
    isJson: values.json,
    again,
  };
}

async function ofFleet(args: readonly string[]): Promise<number> {
  const asked = read(args);
  if (!asked) return refuse();
  const { dir, isJson, again, ...options } = asked;
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  const report = await runChaos({
    ...{ ...options, signal: stopping.signal },
    ...(dir === undefined ? {} : { dir: resolve(dir) }),
    progress: (line) => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
  });
  return tell(report, isJson, again);
}

function tell(report: ChaosReport, isJson: boolean, again: string): number {
  const json = () => `${JSON.stringify({ ...report, rows: rowsOf(report), again })}\n`;
  process.stdout.write(isJson ? json() : reportText(report, again));
  return isWell(report) ? 0 : 1;
}

/** Adds up what runs with --json have written, each into a file of its own. */
function ofFiles(args: readonly string[]): number {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (positionals.length === 0) return refuse();
  const runs = positionals.map(
    (file) => JSON.parse(readFileSync(file, 'utf8')) as ChaosReport & { again: string },
  );
  return tell(addedUp(runs), values.json, runs.map(({ again }) => again).join('\n       '));
}

function refuse(): number {
  process.stderr.write(usage);
  return 2;
}

/** The runs of agents alone, as a process of their own. */
function ofAgents(args: readonly string[]): Promise<number> {
  const program = join(repositoryRoot, 'services/agent/bin/chaos.ts');
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], { stdio: 'inherit' });
  // Ctrl-C reaches the whole group; a plain kill of this process is passed on.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => {
    child.once('error', () => resolve(255));
    child.once('close', (code) => resolve(code ?? 255));
  });
}

function run([kind = '', ...rest]: readonly string[]): Promise<number> {
  if (kind === 'report') return Promise.resolve(rest).then(ofFiles);
  return kind === '' || kind.startsWith('-')
    ? ofFleet([kind, ...rest].filter((one) => one !== ''))
    : ofAgents([kind, ...rest]);
}

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
});
