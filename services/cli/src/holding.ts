import { durationToMs, holdScopes, longestHoldMs } from '@meridian/fleet';
import type { HoldScope } from '@meridian/fleet';
import { Argument, InvalidArgumentError } from 'commander';
import type { Command as Program } from 'commander';
import type { Run } from './command.ts';

interface HoldFlags {
  readonly for?: number;
  readonly reason: string;
}

/** Registers `hold`, `release` and `holds`. */
export function addHolding(program: Program, run: Run): void {
  const scope = () => new Argument('<scope>', 'what is held').choices(holdScopes);
  const name = () => new Argument('[name]', 'of which project, application or cluster');
  program
    .command('hold')
    .description('hold every push of the fleet, of a project, of an application, or to a cluster')
    .addArgument(scope())
    .addArgument(name())
    .requiredOption('--reason <text>', 'why, for the audit')
    .option(
      '--for <duration>',
      'how long from now, such as 2h or 3d; until released when left out',
      holdLength,
    )
    .action((held: HoldScope, of: string | undefined, { for: forMs, reason }: HoldFlags) =>
      run(async () => (await import('./commands/hold.ts')).hold, {
        scope: held,
        name: of,
        reason,
        ...(forMs === undefined ? {} : { forMs }),
      }),
    );
  program
    .command('release')
    .description('release what is held: who waits goes on')
    .addArgument(scope())
    .addArgument(name())
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((held: HoldScope, of: string | undefined, { reason }: HoldFlags) =>
      run(async () => (await import('./commands/hold.ts')).release, { scope: held, name: of, reason }),
    );
  program
    .command('holds')
    .description('what is held, by whom, until when and why')
    .action(() => run(async () => (await import('./commands/hold.ts')).holds, {}));
}

function holdLength(text: string): number {
  const ms = durationToMs(text);
  if (ms !== undefined && ms >= 1_000 && ms <= longestHoldMs) return ms;
  throw new InvalidArgumentError('It must be a duration from 1s to 365d, such as 2h or 3d.');
}
