import { freePorts, isApiServerReady, openIdentity, startProcess } from '@meridian/testkit';
import type { ControlPlaneIdentity } from '@meridian/testkit';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Simulated clusters in a process of their own. */
export interface SimProcess extends AsyncDisposable {
  readonly pid: number;
  /** Kubeconfigs, one a cluster. */
  readonly kubeconfigs: readonly string[];
}

const program = resolve(import.meta.dirname, '../../libs/kubesim/bin/serve.ts');

/** Starts `count` simulated clusters in one process, which keep nothing on disk, and returns when all answer. */
export async function startSimProcess(dir: string, count: number, signal: AbortSignal): Promise<SimProcess> {
  const names = Array.from({ length: count }, (_, index) => `sim-${index}`);
  const ports = await freePorts(count);
  const clusters = names.map((name, index) => ({ name, dir: join(dir, name), port: ports[index] }));
  const identities: ControlPlaneIdentity[] = [];
  for (const cluster of clusters) {
    await mkdir(cluster.dir, { recursive: true });
    identities.push(await openIdentity(cluster.name, cluster.dir, cluster.port));
  }
  const config = join(dir, 'clusters.json');
  await writeFile(
    config,
    JSON.stringify({ clusters: clusters.map((cluster) => ({ ...cluster, durable: false })) }),
  );
  const running = await startProcess({
    command: process.execPath,
    args: [program, config],
    logFile: join(dir, 'kubesim.log'),
    ready: async () => (await Promise.all(identities.map(isApiServerReady))).every(Boolean),
    readyTimeoutMs: 120_000,
    signal,
  });
  return {
    pid: running.pid,
    kubeconfigs: identities.map(({ kubeconfig }) => kubeconfig),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
