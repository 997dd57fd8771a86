import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { startSimHost } from '@meridian/kubesim';
import type { SimHost } from '@meridian/kubesim';
import { requirePart, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

// Many simulated clusters behind one port: what people use has to reach the one that its kubeconfig names.
const run = promisify(execFile);
const resources = new AsyncDisposableStack();
let host: SimHost;

beforeAll(async () => {
  const dir = resources.use(await tempDir('host'));
  const clusters = [{ name: 'eu' }, { name: 'us' }];
  host = resources.use(await startSimHost({ dir: dir.path, clusters }));
});
afterAll(() => resources.disposeAsync());

async function kubectl(cluster: string, ...args: readonly string[]): Promise<string> {
  const { kubeconfig = '' } = host.clusters.get(cluster)!;
  const { stdout } = await run(requirePart('kubectl'), ['--kubeconfig', kubeconfig, ...args]);
  return stdout;
}

it('kubectl', async () => {
  await kubectl('eu', 'create', 'namespace', 'only-in-eu');
  expect(await kubectl('eu', 'get', 'namespaces', '-o', 'name')).toContain('namespace/only-in-eu');
  expect(await kubectl('us', 'get', 'namespaces', '-o', 'name')).not.toContain('only-in-eu');
});

it('the client of the Kubernetes project', async () => {
  const names = async (cluster: string) => {
    const config = new KubeConfig();
    config.loadFromString(host.clusters.get(cluster)!.kubeconfigText);
    const { items } = await config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace: 'default' });
    return items.map(({ metadata }) => metadata?.name);
  };
  await kubectl('us', 'create', 'configmap', 'only-in-us');
  expect(await names('us')).toEqual(['only-in-us']);
  expect(await names('eu')).toEqual([]);
});
