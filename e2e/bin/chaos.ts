import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allFaults } from '../src/chaos/faults/plan.ts';
import { isWell, reportText, rowsOf } from '../src/chaos/report.ts';
import { runChaos } from '../src/chaos/run-chaos.ts';
import type { ChaosOptions } from '../src/chaos/run-chaos.ts';
import { repositoryRoot } from '../src/runner/command.ts';

// npm run chaos -- --minutes 10 --seed 1: faults of all processes of a fleet, with an auditor of the raw stream.
// npm run chaos -- agent and agent-faults are about agents alone and live with them.
const usage = `npm run chaos -- [--minutes N] [--seed N] [--only TEXT] [--hubs N] [--clusters N] [--dir DIR] [--json]
npm run chaos -- agent | agent-faults [...]
`;

interface Asked extends Pick<ChaosOptions, 'seed' | 'hubs' | 'clusters' | 'faults' | 'durationMs'> {
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
      only: { type: 'string', default: '' },
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { only, dir } = values;
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const [hubs, clusters] = [Number(values.hubs), Number(values.clusters)];
  const faults = allFaults.filter(({ kind, row }) => kind.includes(only) || row === only);
  const areGood = minutes > 0 && [seed, hubs, clusters].every(Number.isSafeInteger);
  if (!areGood || hubs < 2 || clusters < 4 || faults.length === 0) return undefined;
  const filter = only === '' ? '' : ` --only '${only}'`;
  const again = `npm run chaos -- --minutes ${minutes} --seed ${seed} --hubs ${hubs} --clusters ${clusters}${filter}`;
  return { seed, hubs, clusters, faults, durationMs: minutes * 60_000, dir, isJson: values.json, again };
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
  const json = () => `${JSON.stringify({ ...report, rows: rowsOf(report), again })}\n`;
  process.stdout.write(isJson ? json() : reportText(report, again));
  return isWell(report) ? 0 : 1;
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

const args = process.argv.slice(2);
process.exitCode = await (args[0]?.startsWith('-') === false ? ofAgents(args) : ofFleet(args)).catch(
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  },
);
