import { Option, type Command as Program } from 'commander';
import { CliError, exitCodes } from './cli-error.ts';

/** Flags of `kustomize build` that mean something here, if only that they are refused. */
export interface KustomizeFlags {
  readonly enableAlphaPlugins?: true;
  readonly helmKubeVersion?: string;
  readonly helmApiVersions?: string;
}

/**
 * Flags of `kustomize build` that scripts may pass and that change nothing here: they are for functions, which the build refuses
 * where one is asked for, and for debugging.
 */
const withoutEffect = [
  '-e, --env <variable>',
  '--mount <options>',
  '--network',
  '--network-name <name>',
  '--as-current-user',
  '--enable-exec',
  '--helm-debug',
  '--stack-trace',
];

/** Lets a command take the flags of `kustomize build` that it has no use for, without showing them. */
export function withKustomizeFlags(command: Program): Program {
  const hidden = [
    ...withoutEffect,
    '--enable-alpha-plugins',
    '--helm-kube-version <version>',
    '--helm-api-versions <versions>',
  ];
  for (const flags of hidden) command.addOption(new Option(flags).hideHelp());
  return command;
}

/** Flags of `kustomize build` that are there or not; it also takes them with a value: `--enable-helm=false`. */
const switches: ReadonlySet<string> = new Set([
  '--as-current-user',
  '--enable-alpha-plugins',
  '--enable-exec',
  '--enable-helm',
  '--enable-managedby-label',
  '--helm-debug',
  '--network',
  '--stack-trace',
]);

/** How Go writes a boolean (strconv.ParseBool). */
const goBoolean = /^(?:(1|t|T|true|TRUE|True)|0|f|F|false|FALSE|False)$/;

/**
 * A command line with switches of `kustomize build` that have a value written without one: kept for true, left out for
 * false, where the last word about a switch counts. Throws CliError for a value that is no boolean.
 */
export function withPlainSwitches(args: readonly string[]): readonly string[] {
  let plain: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === '--') return [...plain, ...args.slice(index)];
    const [, name = arg, value] = /^(--[a-z-]+)=(.*)$/.exec(arg) ?? [];
    if (value === undefined || !switches.has(name)) plain.push(arg);
    else plain = isOn(name, value) ? [...plain, name] : plain.filter((each) => each !== name);
  }
  return plain;
}

function isOn(name: string, value: string): boolean {
  const match = goBoolean.exec(value);
  if (match) return match[1] !== undefined;
  throw new CliError(
    exitCodes.usage,
    `${name} is on or off, not ${JSON.stringify(value)}`,
    `write ${name}, or ${name}=false`,
  );
}

/** Throws CliError for what a command line cannot change about charts: the repo alone decides, or hubs would render them otherwise. */
export function refuseChartFlags({ helmKubeVersion, helmApiVersions }: KustomizeFlags): void {
  if (helmKubeVersion !== undefined)
    throw refusal('--helm-kube-version', 'kubeVersion: the version of Kubernetes');
  if (helmApiVersions !== undefined) throw refusal('--helm-api-versions', 'apiVersions: the list of APIs');
}

function refusal(flag: string, field: string): CliError {
  return new CliError(
    exitCodes.usage,
    `${flag} is not taken: what charts are rendered for stands in the repo, so that everybody gets the same`,
    `write it into the entry of helmCharts in the kustomization (${field})`,
  );
}
