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
