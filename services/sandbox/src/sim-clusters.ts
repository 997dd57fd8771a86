import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isApiServerReady, openIdentity } from '@meridian/testkit';
import { addNodes } from './cluster-nodes.ts';
import { lean } from './compile-cache.ts';
import type { DataDirectory } from './data-directory.ts';
import { writeJson } from './files.ts';
import { repositoryRoot } from './options.ts';
import { portOf } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import type { Supervisor } from './supervisor.ts';

/** Name of the one process that all simulated clusters live in. */
export const simProcess = 'kubesim';

/** Starts the simulated clusters and returns when their nodes take pods. Their kubeconfigs lie where `kubeconfigOf` says. */
export async function startSimClusters(
  { data, plan }: { readonly data: DataDirectory; readonly plan: SandboxPlan },
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<void> {
  const clusters = plan.clusters.map((cluster) => ({
    cluster,
    dir: join(data.path, 'clusters', cluster.name),
    port: portOf(plan, `kube-apiserver-${cluster.name}`),
  }));
  const identities = await Promise.all(
    clusters.map(({ cluster, dir, port }) => {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      return openIdentity(cluster.name, dir, port);
    }),
  );
  const config = join(data.path, 'clusters', 'kubesim.json');
  writeJson(config, {
    clusters: clusters.map(({ cluster: { name }, dir, port }) => ({ name, dir, port })),
  });
  const allReady = async () => {
    for (const identity of identities) if (!(await isApiServerReady(identity))) return false;
    return true;
  };
  await supervisor.start(
    {
      name: simProcess,
      command: process.execPath,
      args: [...lean.flags, join(repositoryRoot, 'libs/kubesim/bin/serve.ts'), config],
      env: lean.env,
      logFile: join(data.logs, `${simProcess}.log`),
      ready: allReady,
      readyWithinMs: 60_000,
      stopWithinMs: 5_000,
    },
    signal,
  );
  await Promise.all(
    clusters.map(async ({ cluster }, index) => {
      const identity = identities[index];
      if (identity !== undefined) await addNodes(identity, cluster, signal);
    }),
  );
}
