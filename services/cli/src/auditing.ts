import { Option } from 'commander';
import type { Command as Program } from 'commander';
import type { Run } from './command.ts';
import { wholeNumber } from './whole-number.ts';

/** Registers `audit`. */
export function addAuditing(program: Program, run: Run): void {
  program
    .command('audit')
    .description('what people asked for: who, when, about which release, and why; newest first')
    .argument('[application]', 'only of this application')
    .addOption(new Option('--limit <count>', 'how many').default(50).argParser(wholeNumber))
    .action((application: string | undefined, { limit }: { limit: number }) =>
      run(async () => (await import('./commands/audit.ts')).audit, {
        limit,
        ...(application === undefined ? {} : { application }),
      }),
    );
}
