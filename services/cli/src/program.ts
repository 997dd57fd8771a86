import { Command as Program, CommanderError, Option } from 'commander';
import { addAuditing } from './auditing.ts';
import { addHolding } from './holding.ts';
import { addRollouts } from './rollouts.ts';
import { wholeNumber } from './whole-number.ts';
import { parseDeletions } from './approval.ts';
import { withPlainSwitches } from './build-flags.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { addClusters } from './clusters.ts';
import type { CommandContext, CommonOptions, Run } from './command.ts';
import type { ApproveOptions } from './commands/approve.ts';
import { findConnection } from './connection.ts';
import { createFleetClient } from './fleet-client.ts';
import { StoppedError } from './io.ts';
import type { Io } from './io.ts';
import { addOffline } from './offline.ts';
import { checkFormat, formatNamed, outputOption } from './output-option.ts';
import { createPrinter } from './output.ts';
import { ownVersion } from './own-version.ts';
import { addPausing } from './pausing.ts';
import { addRendered } from './rendered.ts';
import { createPaint } from './style.ts';
import { sanitise } from './text.ts';

/** Runs one command line and gives its exit code; whatever goes wrong is said on stderr. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...withPlainSwitches(args)], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, io);
  }
}

/** Registers every command; their code is loaded when one runs, so that `meridian status` starts fast. */
export function buildProgram(io: Io, setExitCode: (code: number) => void): Program {
  const program = new Program('meridian');
  configure(program, io);
  const run: Run = async (load, parameters) => {
    const command = await load();
    setExitCode(await command(createContext(program.opts<CommonOptions>(), io), parameters));
  };
  addFleetCommands(program, run);
  addRolloutCommands(program, run);
  addPausing(program, run);
  addLocalCommands(program, run, io);
  return program;
}

function configure(program: Program, io: Io): void {
  program
    .description('See and steer a Meridian fleet: one commit, every region.')
    .version(
      ownVersion(),
      '-V, --version',
      'version of this CLI; "meridian version" tells that of the hub, too',
    )
    .addOption(outputOption())
    .hook('preAction', checkFormat)
    .option('--api <url>', 'hub to ask, may be given more than once (MERIDIAN_API)', collect)
    .option('--token-file <file>', 'file with the API token (MERIDIAN_TOKEN_FILE)')
    .addOption(
      new Option('--timeout-ms <ms>', 'longest wait for one answer').default(5_000).argParser(wholeNumber),
    )
    .option('--no-color', 'never colour (NO_COLOR)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .addHelpText(
      'after',
      `\nexit codes: 0 well, 1 failed or not healthy, 2 wrong usage, 3 no hub answers, 4 not authorised, 5 "plan --exit-code" found changes`,
    )
    .showSuggestionAfterError()
    .exitOverride();
}

function addFleetCommands(program: Program, run: Run): void {
  program
    .command('status')
    .description('the whole fleet: source, clusters, applications, what is wrong and where')
    .option(
      '--check',
      'exit 1 unless all is synced, healthy, fresh and not paused, and no rollout is halted or waits for an approval',
    )
    .action((options: { check?: true }) =>
      run(async () => (await import('./commands/status.ts')).status, { check: options.check === true }),
    );
  addClusters(program, run);
  program
    .command('app <name>')
    .alias('application')
    .description('one application: its clusters, what is wrong and why')
    .option('--objects', 'all objects in each cluster, not only those that are not healthy')
    .action((name: string, options: { objects?: true }) =>
      run(async () => (await import('./commands/app.ts')).app, { name, objects: options.objects === true }),
    );
  program
    .command('drift')
    .description('what differs from git now or did lately: who, which fields, since when, healed or not')
    .option('--application <name>', 'only of this application')
    .option('--cluster <name>', 'only of this cluster')
    .action((filter: { application?: string; cluster?: string }) =>
      run(async () => (await import('./commands/drift.ts')).drift, filter),
    );
  program
    .command('events')
    .description('what happened, newest last')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--application <name>', 'only of this application')
    .option('--cluster <name>', 'only of this cluster')
    .addOption(new Option('--limit <count>', 'how many').default(50).argParser(wholeNumber))
    .action((options: EventsOptions) =>
      run(async () => (await import('./commands/events.ts')).events, {
        ...options,
        follow: options.follow === true,
      }),
    );
  addRendered(program, run);
}

interface EventsOptions {
  readonly follow?: true;
  readonly application?: string;
  readonly cluster?: string;
  readonly limit: number;
}

function addRolloutCommands(program: Program, run: Run): void {
  addRollouts(program, run);
  addHolding(program, run);
  addAuditing(program, run);
  program
    .command('approve <application>')
    .description('show the deletions that wait for a person and, with a reason, approve them')
    .option('--reason <text>', 'why, for the audit; without it nothing is approved')
    .option('--release <digest>', 'the release that was reviewed; without it the one that waits now')
    .addOption(
      new Option(
        '--deletions <cluster=number,…>',
        'the numbers that were reviewed; without it those that wait now',
      ).argParser(parseDeletions),
    )
    .action((application: string, options: Omit<ApproveOptions, 'application'>) =>
      run(async () => (await import('./commands/approve.ts')).approve, { application, ...options }),
    );
}

function addLocalCommands(program: Program, run: Run, io: Io): void {
  addOffline(program, run);
  program
    .command('doctor')
    .description('check the way from here to every agent; exit 1 when a check fails')
    .action(() => run(async () => (await import('./commands/doctor.ts')).doctor, {}));
  program
    .command('sandbox')
    .description('the fleet that "npm start" runs on this machine')
    .option('--data <dir>', 'its data directory, when it is not the current one')
    .action((options: { data?: string }) =>
      run(async () => (await import('./commands/sandbox.ts')).sandbox, options),
    );
  program
    .command('completion <shell>')
    .description('completion script for bash, zsh or fish')
    .addHelpText(
      'after',
      '\nbash: source <(meridian completion bash)\nzsh:  source <(meridian completion zsh)\nfish: meridian completion fish | source',
    )
    .action((shell: string) =>
      run(async () => (await import('./commands/completion.ts')).completion, {
        shell,
        program: buildProgram(io, () => undefined),
      }),
    );
  program
    .command('complete-names <kind>', { hidden: true })
    .action((kind: string) =>
      run(async () => (await import('./commands/completion.ts')).completeNames, { kind }),
    );
  program
    .command('version')
    .description('version of this CLI and of the hub')
    .action(() => run(async () => (await import('./commands/version.ts')).version, {}));
}

function createContext(options: CommonOptions, io: Io): CommandContext {
  const printer = createPrinter(io, { format: formatNamed(options.output) ?? 'table', color: options.color });
  const connection = () => findConnection(options, io);
  const client = () => createFleetClient(connection(), { timeoutMs: options.timeoutMs, signal: io.signal });
  return { io, printer, options, connection, client };
}

/** Says what went wrong, why, and how to mend it; gives the exit code. */
function explain(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const stopped: unknown = io.signal.reason;
  if (io.signal.aborted) return stopped instanceof StoppedError ? stopped.exitCode : exitCodes.failed;
  const paint = createPaint({ ...io, stdout: io.stderr }, true);
  const message = error instanceof Error ? error.message : String(error);
  io.stderr.write(`${paint('bad', 'error:')} ${sanitise(message)}\n`);
  if (error instanceof CliError) {
    if (error.fix !== undefined) io.stderr.write(`  fix: ${sanitise(error.fix)}\n`);
    return error.exitCode;
  }
  io.stderr.write(
    '  This is a fault of the CLI, or the hub has another version: compare with "meridian version".\n',
  );
  return exitCodes.failed;
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
