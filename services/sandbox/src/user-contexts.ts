import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findPart } from '@meridian/testkit';
import type { DataDirectory } from './data-directory.ts';
import { writeWhole } from './files.ts';
import { clusterNameOf } from './plan.ts';
import type { PlannedCluster } from './plan.ts';
import { runProgram } from './run-program.ts';
import { SandboxError } from './sandbox-error.ts';

/**
 * Makes a cluster of every context of the user's kubeconfig: a kubeconfig of its own in the data directory, the
 * region from a node's label or else the name. Throws when a context is unknown or does not answer.
 */
export async function readContexts(
  contexts: readonly string[],
  data: DataDirectory,
): Promise<PlannedCluster[]> {
  const kubectl = findPart('kubectl');
  if (kubectl === undefined) {
    throw new SandboxError('kubectl is not on this machine; it reads your kubeconfig', {
      fix: 'install kubectl, or use --kube sim',
    });
  }
  const clusters: PlannedCluster[] = [];
  for (const context of contexts) {
    const name = clusterNameOf(context, new Set(clusters.map((cluster) => cluster.name)));
    await copyKubeconfig(kubectl, context, kubeconfigOf(data, name));
    clusters.push({
      name,
      context,
      region: (await regionOf(kubectl, context, kubeconfigOf(data, name))) ?? name,
    });
  }
  return clusters;
}

/** Where the kubeconfig of a cluster lies. */
export function kubeconfigOf(data: DataDirectory, cluster: string): string {
  return join(data.path, 'clusters', cluster, 'kubeconfig');
}

async function copyKubeconfig(kubectl: string, context: string, file: string): Promise<void> {
  const env = { KUBECONFIG: process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config') };
  const view = await runProgram(
    kubectl,
    ['config', 'view', '--raw', '--flatten', '--minify', '--context', context],
    { env },
  );
  if (view.code !== 0) {
    throw new SandboxError(`your kubeconfig has no context "${context}": ${view.stderr.trim()}`, {
      fix: 'see "kubectl config get-contexts"',
    });
  }
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeWhole(file, view.stdout, 0o600);
}

async function regionOf(kubectl: string, context: string, kubeconfig: string): Promise<string | undefined> {
  const path = 'jsonpath={.items[*].metadata.labels.topology\\.kubernetes\\.io/region}';
  const nodes = await runProgram(kubectl, [
    '--kubeconfig',
    kubeconfig,
    '--request-timeout=15s',
    'get',
    'nodes',
    '-o',
    path,
  ]);
  if (nodes.code !== 0) {
    throw new SandboxError(
      `the cluster of context "${context}" does not answer: ${nodes.stderr.trim().split('\n').at(-1) ?? ''}`,
      {
        fix: `check it with "kubectl --context ${context} get nodes"`,
      },
    );
  }
  return nodes.stdout
    .trim()
    .split(/\s+/)
    .find((region) => region !== '');
}
