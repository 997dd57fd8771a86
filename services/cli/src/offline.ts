import type { Command as Program } from 'commander';
import { addBuild } from './build-command.ts';
import type { Run } from './command.ts';

/** Registers the commands that work on files of this machine and ask no hub. */
export function addOffline(program: Program, run: Run): void {
  addBuild(program, run);
  addPlan(program, run);
  addHealth(program, run);
}

function addPlan(program: Program, run: Run): void {
  program
    .command('plan')
    .description(
      'what commits would do in every cluster; run it in a clone of the fleet repo, it asks no hub',
    )
    .option(
      '--base <commit>',
      'compare with this commit, branch or tag; without it where the head left the main branch of origin, or the commit before',
    )
    .option(
      '--head <commit>',
      'the commit, branch or tag to plan; files that are not committed do not count',
      'HEAD',
    )
    .option('--fleet-path <dir>', 'directory of the fleet configuration', 'fleet')
    .option('--helm-command <command>', 'name or path of the helm that renders charts', 'helm')
    .option('--markdown', 'as a comment on a pull request')
    .option('--exit-code', 'exit 5 when something would change; 1 is a new problem in either case')
    .action(({ markdown, exitCode, ...options }: PlanFlags) =>
      run(async () => (await import('./commands/plan.ts')).plan, {
        ...options,
        markdown: markdown === true,
        exitCode: exitCode === true,
      }),
    );
}

interface PlanFlags {
  readonly helmCommand: string;
  readonly base?: string;
  readonly head: string;
  readonly fleetPath: string;
  readonly markdown?: true;
  readonly exitCode?: true;
}

function addHealth(program: Program, run: Run): void {
  program
    .command('health')
    .description(
      'how objects are, by the status that stands in files, as an agent would judge them; asks no hub and no cluster',
    )
    .requiredOption(
      '-f, --file <file>',
      'YAML or JSON as "kubectl get -o yaml" prints it: a file, a directory, or - for what is piped in; may be given more than once',
      (file: string, before: readonly string[] | undefined): string[] => [...(before ?? []), file],
    )
    .option(
      '--rules <file>',
      'HealthRule documents that judge before the rules of Meridian: a file or a directory; may be given more than once',
      (file: string, before: readonly string[] | undefined): string[] => [...(before ?? []), file],
    )
    .option('--check', 'exit 1 when an object is Degraded, Missing or Unknown')
    .action(({ file, rules, check }: HealthFlags) =>
      run(async () => (await import('./commands/health.ts')).health, {
        files: file,
        rules: rules ?? [],
        check: check === true,
      }),
    );
}

interface HealthFlags {
  readonly file: readonly string[];
  readonly rules?: readonly string[];
  readonly check?: true;
}
