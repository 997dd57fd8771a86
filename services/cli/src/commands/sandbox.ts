import { join, resolve } from 'node:path';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { findSandboxDirectory, parseObject } from '../connection.ts';

/** The fixed shape, so that anything can drive a sandbox from outside. */
interface SandboxView {
  readonly repo: string;
  readonly branch: string;
  readonly api: string;
  readonly console: string;
  readonly clusters: readonly {
    readonly name: string;
    readonly region: string;
    readonly kubeconfig: string;
  }[];
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Prometheus metrics of each hub and agent. */
  readonly metrics: { readonly [process: string]: string };
}

/** `meridian sandbox`: reads `sandbox.json` of the running (or last) sandbox; asks no hub. */
export const sandbox: Command<{ data?: string }> = async ({ printer, io }, { data }) => {
  const directory = data === undefined ? findSandboxDirectory(io) : resolve(io.cwd, data);
  if (directory === undefined)
    throw new CliError(exitCodes.failed, 'no sandbox was started here', 'start one with "npm start"');
  const view = fromFile(join(directory, 'sandbox.json'));
  if (await printer.machine(view)) return exitCodes.ok;
  for (const [name, value] of [
    ['repo', view.repo],
    ['branch', view.branch],
    ['api', view.api],
    ['console', view.console || 'none yet'],
  ] as const) {
    printer.raw(`${printer.paint('dim', name.padEnd(10))}${value}\n`);
  }
  printer.line();
  printer.table({
    header: ['cluster', 'region', 'kubeconfig'],
    rows: view.clusters.map(({ name, region, kubeconfig }) => [name, region, kubeconfig]),
  });
  printer.line();
  const metrics = Object.entries(view.metrics);
  if (metrics.length > 0) printer.table({ header: ['process', 'metrics'], rows: metrics });
  printer.line();
  if (view.processes.length === 0) printer.line('stopped; "npm start" resumes it with its data');
  else
    printer.table({
      header: ['process', 'pid'],
      rows: view.processes.map(({ name, pid }) => [name, String(pid)]),
    });
  return exitCodes.ok;
};

function fromFile(file: string): SandboxView {
  const value: unknown = parseObject(file);
  if (isSandbox(value)) {
    return {
      repo: value.repo,
      branch: value.branch,
      api: value.api,
      console: value.console,
      clusters: value.clusters.map(({ name, region, kubeconfig }) => ({ name, region, kubeconfig })),
      processes: value.processes.map(({ name, pid }) => ({ name, pid })),
      metrics: value.metrics ?? {},
    };
  }
  throw new CliError(
    exitCodes.failed,
    `${file} is not written by this version`,
    'run "npm run reset" and "npm start"',
  );
}

type SandboxFile = Omit<SandboxView, 'metrics'> & Partial<Pick<SandboxView, 'metrics'>>;

function isSandbox(value: unknown): value is SandboxFile {
  if (typeof value !== 'object' || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  return (
    ['repo', 'branch', 'api', 'console'].every((key) => typeof entries.get(key) === 'string') &&
    ['clusters', 'processes'].every((key) => Array.isArray(entries.get(key))) &&
    typeof (entries.get('metrics') ?? {}) === 'object'
  );
}
