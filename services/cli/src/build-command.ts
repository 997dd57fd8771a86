import { Option, type Command as Program } from 'commander';
import { refuseChartFlags, withKustomizeFlags, type KustomizeFlags } from './build-flags.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { Run } from './command.ts';
import type { ApplicationParameters } from './commands/build-application.ts';
import type { Asked } from './commands/build-explained.ts';
import { destinationOf } from './output-option.ts';

/** Registers `meridian build`. */
export function addBuild(program: Program, run: Run): void {
  withKustomizeFlags(program.command('build [path]'))
    .description(
      'the objects of a kustomization on this machine, as "kustomize build" prints them; with --application and ' +
        '--cluster those that the cluster would get from this checkout of the fleet repo; asks no hub',
    )
    .addOption(
      new Option('--profile <version>', 'whose behaviour: kustomize 5.5 or 5.8')
        .choices(['5.5', '5.8'])
        .default('5.5'),
    )
    .addOption(
      new Option('--reorder <order>', 'sort by kind, or leave the order of the files')
        .choices(['legacy', 'none'])
        .default('legacy'),
    )
    .addOption(
      new Option('--load-restrictor <restriction>', 'may kustomizations read files outside their directory?')
        .choices(['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'])
        .default('LoadRestrictionsRootOnly'),
    )
    .option('--enable-managedby-label', 'label every object app.kubernetes.io/managed-by')
    .option('--enable-helm', 'render Helm charts, offline: they must lie beside the kustomization')
    .option('--helm-command <command>', 'name or path of the helm that renders them', 'helm')
    .addOption(
      new Option(
        '--application <application>',
        'name of an application of the fleet, or the file that declares it; uncommitted files count',
      ).conflicts(['profile', 'reorder', 'loadRestrictor', 'enableManagedbyLabel', 'enableHelm']),
    )
    .option(
      '--explain [object...]',
      'instead of the objects what set their fields: of all, or OBJECT [FIELD] as "meridian explain" takes them, after PATH',
    )
    .option('--cluster <name>', 'the cluster to render the application for')
    .option('--fleet-path <dir>', 'directory of the fleet configuration, for --application', 'fleet')
    .addHelpText(
      'after',
      '\n-o, --output: as with kustomize a file to write, or a directory, which gets a file for each object; - is standard output.' +
        '\n              With --explain it is the format, as in other commands.' +
        '\nFlags of kustomize that are for functions (--env, --mount, --network …) are taken and change nothing: functions are not run.',
    )
    .action((path: string | undefined, flags: BuildFlags, command: Program) => {
      refuseChartFlags(flags);
      const options = { ...flags, output: destinationOf(command) };
      const { application, cluster, fleetPath, helmCommand, output } = options;
      if (application === undefined && cluster === undefined) return buildPath(run, path, options);
      if (application === undefined || cluster === undefined || path !== undefined)
        throw new CliError(
          exitCodes.usage,
          'build takes a path, or --application with --cluster',
          'write "meridian build PATH" or "meridian build --application NAME --cluster NAME"',
        );
      return buildApplication(run, { application, cluster, fleetPath, helmCommand, output }, askedOf(flags));
    });
}

/** What kustomize would fetch: an address, or a repository of a well-known host. */
const elsewhere =
  /^[A-Za-z][\w+.-]*:\/\/|^[\w.-]+@[\w.-]+:|^(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)\//;

function buildPath(
  run: Run,
  path: string | undefined,
  options: BuildFlags & { readonly output: string | undefined },
): Promise<void> {
  const { profile, reorder, loadRestrictor, enableManagedbyLabel, helmCommand, output } = options;
  // As in kustomize, which renders charts for either.
  const rendersCharts = options.enableHelm === true || options.enableAlphaPlugins === true;
  const asked = askedOf(options);
  if (path !== undefined && elsewhere.test(path))
    throw new CliError(
      exitCodes.usage,
      'a kustomization on another host is not built: nothing is fetched',
      'clone its repository and build the directory',
    );
  const parameters = {
    path: path ?? '.',
    ...{ profile, reorder, loadRestrictor },
    managedByLabel: enableManagedbyLabel ?? false,
    helmCommand: rendersCharts ? helmCommand : undefined,
  };
  if (asked)
    return run(async () => (await import('./commands/build-explained.ts')).explainPath, {
      ...parameters,
      ...asked,
    });
  return run(async () => (await import('./commands/build.ts')).build, { ...parameters, output });
}

function buildApplication(
  run: Run,
  parameters: ApplicationParameters,
  asked: Asked | undefined,
): Promise<void> {
  if (asked)
    return run(async () => (await import('./commands/build-explained.ts')).explainInCheckout, {
      ...parameters,
      ...asked,
    });
  return run(async () => (await import('./commands/build-application.ts')).buildApplication, parameters);
}

/** What is to be explained; undefined when objects are to be printed. */
function askedOf({ explain }: BuildFlags): Asked | undefined {
  if (explain === undefined || explain === true) return explain && {};
  const [object, field, ...more] = explain;
  if (more.length === 0) return { object, field };
  throw new CliError(
    exitCodes.usage,
    '--explain takes one object and one field',
    'write PATH before it: "meridian build PATH --explain deployment/web .spec.replicas"',
  );
}

interface BuildFlags extends KustomizeFlags {
  readonly profile: '5.5' | '5.8';
  readonly reorder: 'legacy' | 'none';
  readonly loadRestrictor: 'LoadRestrictionsRootOnly' | 'LoadRestrictionsNone';
  readonly enableManagedbyLabel?: true;
  readonly enableHelm?: true;
  readonly helmCommand: string;
  readonly application?: string;
  readonly cluster?: string;
  readonly fleetPath: string;
  readonly explain?: true | readonly string[];
}
