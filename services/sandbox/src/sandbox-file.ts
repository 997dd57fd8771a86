import { join } from 'node:path';
import { toIdentity } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { fleetBranch } from './fleet-repo.ts';
import { readJsonObject, writeJson } from './files.ts';
import { hubNames, portOf } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { SupervisedProcess } from './supervisor.ts';
import { kubeconfigOf } from './user-contexts.ts';

/** Writes `sandbox.json`: what outside programs drive the sandbox by, and what `stop` finds its processes by. */
export function writeSandboxFile(
  data: DataDirectory,
  plan: SandboxPlan,
  now: { readonly processes: readonly SupervisedProcess[]; readonly supervisor: ProcessIdentity | undefined },
): void {
  const apis = apiUrls(plan);
  writeJson(data.sandboxFile, {
    repo: data.repo,
    branch: fleetBranch,
    api: apis[0],
    console: '',
    clusters: plan.clusters.map(({ name, region }) => ({
      name,
      region,
      kubeconfig: kubeconfigOf(data, name),
    })),
    processes: now.processes.map(({ name, pid, born }) => ({ name, pid, born })),
    supervisor: now.supervisor ?? null,
    apis,
    cliToken: join(data.secrets, 'cli-token'),
    webhook: { url: `${apis[0]}${webhookPath}`, secretFile: join(data.secrets, 'webhook-secret') },
    nats: `nats://127.0.0.1:${portOf(plan, 'nats-server')}`,
    redis: `redis://127.0.0.1:${portOf(plan, 'redis-server')}`,
    metrics: metricsUrls(plan),
    clone: data.clone,
    logs: data.logs,
  });
}

/** Where the hub takes webhooks of any sender that signs like GitHub. */
export const webhookPath = '/webhooks/generic';

/** Base URLs of the fleet API. */
export function apiUrls(plan: SandboxPlan): string[] {
  return hubNames.map((hub) => `http://127.0.0.1:${portOf(plan, `${hub} api`)}`);
}

/** Where each hub and agent serves its metrics. */
export function metricsUrls(plan: SandboxPlan): { readonly [process: string]: string } {
  return Object.fromEntries(
    Object.entries(plan.ports).flatMap(([purpose, port]) =>
      purpose.endsWith(' metrics') ? [[purpose.slice(0, -8), `http://127.0.0.1:${port}/metrics`]] : [],
    ),
  );
}

/** The processes that `sandbox.json` names, in order of start. */
export function recordedProcesses(data: DataDirectory): SupervisedProcess[] {
  const processes = readJsonObject(data.sandboxFile)?.['processes'];
  if (!Array.isArray(processes)) return [];
  return processes.flatMap((value: unknown) => {
    const entry =
      typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
    const identity = toIdentity(entry);
    const name: unknown = entry['name'];
    return identity !== undefined && typeof name === 'string' ? [{ name, ...identity }] : [];
  });
}

/** Writes that nothing runs. */
export function forgetProcesses(data: DataDirectory): void {
  const known = readJsonObject(data.sandboxFile);
  if (known !== undefined) writeJson(data.sandboxFile, { ...known, processes: [], supervisor: null });
}
