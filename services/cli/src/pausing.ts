import { durationToMs, longestPauseMs } from '@meridian/fleet';
import { InvalidArgumentError } from 'commander';
import type { Command as Program } from 'commander';
import type { Run } from './command.ts';

interface PauseOptions {
  readonly cluster: string;
  readonly for: number;
  readonly reason: string;
}

/** Registers `pause` and `resume`. */
export function addPausing(program: Program, run: Run): void {
  program
    .command('pause <application>')
    .description('leave an application in one cluster as it is for a bounded time: an emergency patch stays')
    .requiredOption('--cluster <name>', 'where')
    .requiredOption('--for <duration>', 'how long from now, such as 90s, 30m or 2h; 24h at most', pauseLength)
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((application: string, { for: forMs, ...options }: PauseOptions) =>
      run(async () => (await import('./commands/pause.ts')).pause, { application, forMs, ...options }),
    );
  program
    .command('resume <application>')
    .description('end a pause before its time; drift is healed at once')
    .requiredOption('--cluster <name>', 'where')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((application: string, options: Omit<PauseOptions, 'for'>) =>
      run(async () => (await import('./commands/pause.ts')).resume, { application, ...options }),
    );
}

function pauseLength(text: string): number {
  const ms = durationToMs(text);
  if (ms !== undefined && ms >= 1_000 && ms <= longestPauseMs) return ms;
  throw new InvalidArgumentError('It must be a duration from 1s to 24h, such as 30m or 2h.');
}
