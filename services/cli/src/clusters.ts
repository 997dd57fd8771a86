import { durationToMs } from '@meridian/fleet';
import { InvalidArgumentError } from 'commander';
import type { Command as Program } from 'commander';
import type { Run } from './command.ts';

/** Adds `clusters` and what is done to one of them. */
export function addClusters(program: Program, run: Run): void {
  const clusters = program
    .command('clusters')
    .description('clusters, their agents and how fresh their word is')
    .action(() => run(async () => (await import('./commands/clusters.ts')).clusters, {}));
  clusters
    .command('enrol <cluster>')
    .description('make a one-time token with which the agent of a cluster gets a certificate')
    .option('--for <duration>', 'how long it is good, such as 30m; 1m to 24h', tokenLife, tokenLife('30m'))
    .action((cluster: string, { for: forMs }: { for: number }) =>
      run(async () => (await import('./commands/enrol.ts')).enrol, { cluster, forMs }),
    );
}

function tokenLife(text: string): number {
  const ms = durationToMs(text);
  if (ms !== undefined && ms >= 60_000 && ms <= 86_400_000) return ms;
  throw new InvalidArgumentError('It must be a duration from 1m to 24h, such as 30m.');
}
