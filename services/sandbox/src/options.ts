import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SandboxError } from './sandbox-error.ts';

/** Root of the repository that this sandbox runs. */
export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Data directory when `--data` names none. */
export const defaultData = join(repositoryRoot, '.meridian');

/** Where the clusters come from. */
export type KubeKind =
  { readonly kind: 'real' | 'sim' } | { readonly kind: 'contexts'; readonly contexts: readonly string[] };

/** A command line of the sandbox, checked. */
export interface SandboxOptions {
  readonly command: 'start' | 'stop' | 'reset' | 'sweep';
  /** Undefined: the default place. */
  readonly data: string | undefined;
  /** Undefined: what the data directory already holds, else three. */
  readonly clusters: number | undefined;
  /** Undefined: what the data directory already holds, else simulated ones. */
  readonly kube: KubeKind | undefined;
  readonly detach: boolean;
  /** How long to wait for all applications to be healthy. Undefined: as long as so many clusters may take. */
  readonly healthyWithinMs: number | undefined;
  /** Set in the background process of `--detach`. */
  readonly background: boolean;
  /** For `sweep`: the supervisor whose children are to be ended. */
  readonly supervisor: number | undefined;
}

/** How to call the sandbox. */
export const usage = `usage: npm start [-- OPTIONS]     run a fleet on this machine
       npm run stop [-- --data DIR]  stop it, keep its data
       npm run reset [-- --data DIR] stop it and delete its data

  --clusters N        how many clusters (3)
  --kube sim          simulated clusters in one process (the default)
  --kube real         a real Kubernetes control plane per cluster; the first start builds it, which needs Go
  --kube CONTEXT,…    contexts of your kubeconfig as clusters
  --data DIR          where everything is kept (.meridian)
  --detach            run in the background; returns when all is healthy
  --timeout SECONDS   how long to wait for that (300, with many clusters 12 for each)`;

const mostClusters = 50;

/** Parses a command line. Throws SandboxError with exit code 2 for anything that is not understood. */
export function parseOptions(args: readonly string[], cwd: string): SandboxOptions {
  const { values, positionals } = parse(args);
  const kube = values.kube === undefined ? undefined : parseKube(values.kube);
  if (kube?.kind === 'contexts' && values.clusters !== undefined) {
    throw wrong('--clusters and a list of contexts exclude each other: every context is a cluster');
  }
  return {
    command: parseCommand(positionals),
    data: values.data === undefined ? undefined : resolve(cwd, values.data),
    clusters: wholeNumber('--clusters', values.clusters, mostClusters),
    kube,
    detach: values.detach === true,
    healthyWithinMs: milliseconds(wholeNumber('--timeout', values.timeout, 86_400)),
    background: values.background === true,
    supervisor: wholeNumber('--supervisor', values.supervisor, 2 ** 31),
  };
}

function parseCommand([command, ...rest]: readonly string[]): SandboxOptions['command'] {
  if (rest.length > 0) throw wrong(`unexpected "${rest.join(' ')}"`);
  if (command === 'start' || command === 'stop' || command === 'reset' || command === 'sweep') return command;
  throw wrong(command === undefined ? 'no command' : `unknown command "${command}"`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        clusters: { type: 'string' },
        kube: { type: 'string' },
        data: { type: 'string' },
        detach: { type: 'boolean' },
        timeout: { type: 'string' },
        background: { type: 'boolean' },
        supervisor: { type: 'string' },
      },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function parseKube(text: string): KubeKind {
  if (text === 'real' || text === 'sim') return { kind: text };
  const contexts = text.split(',').map((part) => part.trim());
  if (contexts.some((context) => context === ''))
    throw wrong('--kube needs real, sim, or a list of contexts such as east,west');
  if (new Set(contexts).size < contexts.length) throw wrong('--kube names a context twice');
  return { kind: 'contexts', contexts };
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw wrong(`${name} must be a whole number from 1 to ${most}, not "${text}"`);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function wrong(message: string): SandboxError {
  return new SandboxError(`${message}\n${usage}`, { exitCode: 2 });
}
