import { Option } from 'commander';
import type { Command as Program } from 'commander';
import type { RolloutVerb } from '@meridian/fleet';
import type { Run } from './command.ts';
import { wholeNumber } from './whole-number.ts';

const verbs: { readonly [verb in RolloutVerb]: string } = {
  start: 'begin what git says: a release that waits for it, was given up, or was left by a rollback',
  pause: 'stand still: nothing is assigned, no stage passes, no deadline ends',
  resume: 'let a paused rollout go on; deadlines get the time back',
  abort: 'give it up: every cluster keeps what it has',
  promote: 'let the present stage pass without the rest of its soak',
  breakGlass: 'let the present rollout push outside of its windows',
  retry: 'give the failed clusters of a halted rollout another deadline at the same release',
  approve: 'say yes to the release at a gate that people decide',
  reject: 'say no to the release at a gate that people decide: the gate fails',
  rollback: 'send the fleet back to a release that completed, the last stage first',
};

/** Registers `rollouts` and everything under `rollout`. */
export function addRollouts(program: Program, run: Run): void {
  program
    .command('rollouts')
    .description('the newest rollouts, stage by stage')
    .option('--application <name>', 'only of this application')
    .action((filter: { application?: string }) =>
      run(async () => (await import('./commands/rollouts.ts')).rollouts, filter),
    );
  const rollout = program.command('rollout').description('one rollout');
  for (const [verb, description] of Object.entries(verbs)) addVerb(rollout, run, { verb, description });
  rollout
    .command('watch [application]')
    .description('follow until it ends: exit 0 when completed, 1 when halted, aborted or taken back')
    .addOption(
      new Option('--wait-ms <ms>', 'how long to wait for a rollout to start')
        .default(5_000)
        .argParser(wholeNumber),
    )
    .action((application: string | undefined, options: { waitMs: number }) =>
      run(async () => (await import('./commands/rollout-watch.ts')).rolloutWatch, {
        application,
        waitMs: options.waitMs,
      }),
    );
}

function addVerb(
  rollout: Program,
  run: Run,
  { verb, description }: { readonly verb: string; readonly description: string },
): void {
  const command = rollout
    .command(`${verb.replace('G', '-g')} <application>`)
    .description(description)
    .requiredOption('--reason <text>', 'why, for the audit');
  if (verb === 'rollback')
    command.option('--to <release>', 'a release or revision of "meridian rollouts", or the start of one');
  if (verb === 'approve' || verb === 'reject')
    command.option(
      '--gate <name>',
      'which gate; needed only when several wait for people, or ahead of its time',
    );
  command.action((application: string, options: { reason: string; to?: string; gate?: string }) =>
    run(async () => (await import('./commands/rollout-verb.ts')).rolloutVerb, {
      verb: verb as RolloutVerb,
      application,
      ...options,
    }),
  );
}
