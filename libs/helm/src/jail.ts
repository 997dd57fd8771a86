import type { HelmLimits } from './chart.ts';

/** What keeps helm in, beside the limits of time and output, which hold everywhere. */
export interface Jail {
  /** Helm sees no file but its own directory (chroot). */
  readonly files: boolean;
  /** Helm has no network (Linux namespace). Elsewhere proxies that lead nowhere stop what heeds them. */
  readonly network: boolean;
  /** The system refuses memory beyond the limit (Linux, RLIMIT_DATA). Elsewhere Go's garbage collector only aims at it. */
  readonly memory: boolean;
}

/** What a system may have, from the tightest to the loosest; the first in which helm starts is used. */
export function jailsOn(platform: string): readonly Jail[] {
  if (platform !== 'linux') return [{ files: false, network: false, memory: false }];
  return [
    { files: true, network: true, memory: true },
    { files: false, network: true, memory: true },
    { files: false, network: false, memory: true },
  ];
}

/** The command that runs helm in a directory that holds its program as `helm`. */
export interface JailedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: { readonly [name: string]: string };
}

/**
 * A command line that takes on the limits, gives up network and files and then becomes helm: one process, so that killing
 * it leaves nothing behind. Where a path is wanted, `{dir}` stands for the directory as helm sees it.
 */
export function jailedCommand(
  jail: Jail,
  dir: string,
  limits: HelmLimits,
  args: readonly string[],
): JailedCommand {
  const seen = jail.files ? '' : dir;
  const seconds = Math.ceil(limits.timeMs / 1_000);
  // Go reserves far more addresses than it uses, so that a limit of addresses (-v) would say nothing.
  const memory = jail.memory ? `ulimit -d ${Math.ceil(limits.memoryBytes / 1_024)} && ` : '';
  const script = `ulimit -c 0 && ulimit -t ${seconds} && ${memory}exec "$@"`;
  return {
    file: '/bin/sh',
    args: [
      '-c',
      script,
      'sh',
      ...namespaces(jail, dir),
      `${seen}/helm`,
      ...args.map((arg) => arg.replaceAll('{dir}', seen)),
    ],
    environment: environmentOf(seen, limits),
  };
}

function namespaces(jail: Jail, dir: string): string[] {
  if (!jail.network) return [];
  return ['unshare', '--map-root-user', '--net', ...(jail.files ? ['--root', dir, '--wd', '/'] : [])];
}

/** Nothing of the environment of this process: no home, no kubeconfig, no plugins, no registries, no time zone. */
function environmentOf(seen: string, { memoryBytes }: HelmLimits): JailedCommand['environment'] {
  const nowhere = 'http://127.0.0.1:9';
  const home = `${seen}/home`;
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    TMPDIR: home,
    TZ: 'UTC',
    LC_ALL: 'C',
    HELM_CONFIG_HOME: `${home}/config`,
    HELM_CACHE_HOME: `${home}/cache`,
    HELM_DATA_HOME: `${home}/data`,
    HELM_PLUGINS: `${home}/plugins`,
    KUBECONFIG: `${home}/kubeconfig`,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    GOMEMLIMIT: String(Math.floor(memoryBytes * 0.9)),
    GOMAXPROCS: '2',
  };
}
