import { statSync } from 'node:fs';
import { createNodes, gpuNodes, startControlPlane, tempDir } from '@meridian/testkit';
import { afterEach, expect, test } from 'vitest';
import { layout, prepareDirectory } from './data-directory.ts';
import { readContexts, kubeconfigOf } from './user-contexts.ts';

const before = process.env['KUBECONFIG'];

afterEach(() => {
  if (before === undefined) delete process.env['KUBECONFIG'];
  else process.env['KUBECONFIG'] = before;
});

test('a context becomes a cluster with a kubeconfig of its own and the region of its nodes', async () => {
  await using folder = await tempDir('contexts');
  await using cluster = await startControlPlane({
    name: 'ML_East',
    dir: `${folder.path}/cluster`,
    minimal: true,
    durable: false,
  });
  const [node] = gpuNodes('east', 1);
  await createNodes(cluster, [{ ...node!, labels: { 'topology.kubernetes.io/region': 'us-east-9' } }]);
  const data = layout(`${folder.path}/data`);
  prepareDirectory(data);
  process.env['KUBECONFIG'] = cluster.kubeconfig;
  expect(await readContexts(['ML_East'], data)).toEqual([
    { name: 'ml-east', context: 'ML_East', region: 'us-east-9' },
  ]);
  expect(statSync(kubeconfigOf(data, 'ml-east')).mode & 0o777).toBe(0o600);
  await expect(readContexts(['nowhere'], data)).rejects.toThrow('no context "nowhere"');
  await cluster.stop();
  await expect(readContexts(['ML_East'], data)).rejects.toThrow(
    'the cluster of context "ML_East" does not answer',
  );
});
