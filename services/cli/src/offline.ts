import { Option, type Command as Program } from 'commander';
import { CliError, exitCodes } from './cli-error.ts';
import type { Run } from './command.ts';
import type { ApplicationParameters } from './commands/build-application.ts';
import type { Asked } from './commands/build-explained.ts';

/** Registers the commands that work on files of this machine and ask no hub. */
export function addOffline(program: Program, run: Run): void {
  addBuild(program, run);
  addPlan(program, run);
  addHealth(program, run);
}

function addBuild(program: Program, run: Run): void {
  program
    .command('build [path]')
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
    .action((path: string | undefined, options: BuildFlags) => {
      const { application, cluster, fleetPath, helmCommand } = options;
      if (application === undefined && cluster === undefined) return buildPath(run, path, options);
      if (application === undefined || cluster === undefined || path !== undefined)
        throw new CliError(
          exitCodes.usage,
          'build takes a path, or --application with --cluster',
          'write "meridian build PATH" or "meridian build --application NAME --cluster NAME"',
        );
      return buildApplication(run, { application, cluster, fleetPath, helmCommand }, askedOf(options));
    });
}

/** What kustomize would fetch: an address, or a repository of a well-known host. */
const elsewhere =
  /^[A-Za-z][\w+.-]*:\/\/|^[\w.-]+@[\w.-]+:|^(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)\//;

function buildPath(run: Run, path: string | undefined, options: BuildFlags): Promise<void> {
  const { profile, reorder, loadRestrictor, enableManagedbyLabel, enableHelm, helmCommand } = options;
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
    helmCommand: enableHelm === true ? helmCommand : undefined,
  };
  if (asked)
    return run(async () => (await import('./commands/build-explained.ts')).explainPath, {
      ...parameters,
      ...asked,
    });
  return run(async () => (await import('./commands/build.ts')).build, parameters);
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

interface BuildFlags {
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
