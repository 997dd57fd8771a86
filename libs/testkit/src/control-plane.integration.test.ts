import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askApiServer } from './api-server-client.ts';
import { startControlPlane, startEtcd } from './control-plane.ts';
import { openIdentity } from './control-plane-identity.ts';
import type { ControlPlane } from './control-plane.ts';
import { freePort } from './free-port.ts';
import { gpuNodes } from './simulated-nodes.ts';
import { tempDir } from './temp-dir.ts';

const configMap = { metadata: { name: 'kept' }, data: { k: 'v' } };
const configMaps = '/api/v1/namespaces/default/configmaps';

async function statusOf(plane: ControlPlane, path: string): Promise<number> {
  return (await askApiServer(plane, 'GET', path)).status;
}

function deployment(name: string, replicas: number, image: string, annotations = {}): object {
  const labels = { app: name };
  const containers = [{ name: 'server', image, resources: { limits: { 'nvidia.com/gpu': '1' } } }];
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers } },
    },
  };
}

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly labels: { readonly app: string } };
    readonly status: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly reason?: string;
        readonly message?: string;
      }[];
      readonly containerStatuses?: readonly {
        readonly state: { readonly waiting?: { readonly reason: string } };
      }[];
    };
  }[];
}

test('schedules on simulated GPUs, and its pods live as their images say', async () => {
  await using dir = await tempDir('plane');
  await using plane = await startControlPlane({
    name: 'us-west-2',
    dir: dir.path,
    durable: false,
    nodes: gpuNodes('us-west-2', 1),
  });
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const wanted = [
    deployment('fills', 3, 'registry/model:v1'),
    deployment('loads', 1, 'registry/model:v1', { 'sandbox.meridian.dev/load-time': '2s' }),
    deployment('pulls', 1, 'registry/model:missing'),
    deployment('crashes', 1, 'registry/model:crash'),
    deployment('waits', 5, 'registry/model:v1'),
  ];
  for (const body of wanted) expect((await askApiServer(plane, 'POST', deployments, body)).status).toBe(201);
  const seen = async () => {
    const { items } = JSON.parse(
      (await askApiServer(plane, 'GET', '/api/v1/namespaces/default/pods')).text,
    ) as Pods;
    const ready = (app: string) =>
      items.filter(
        (pod) =>
          pod.metadata.labels.app === app &&
          pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      ).length;
    const waiting = (app: string) =>
      items.find((pod) => pod.metadata.labels.app === app)?.status.containerStatuses?.[0]?.state.waiting
        ?.reason;
    const unplaced = items.filter((pod) =>
      pod.status.conditions?.some(
        ({ reason, message }) =>
          reason === 'Unschedulable' && message?.includes('Insufficient nvidia.com/gpu'),
      ),
    );
    return {
      loads: ready('loads'),
      ready: ready('fills') + ready('waits'),
      pulls: waiting('pulls'),
      crashes: waiting('crashes'),
      unplaced: unplaced.length,
    };
  };
  // Eight GPUs: three pods hold one each without being ready for ever or for a while, three of eleven find no place.
  await expect
    .poll(seen, { timeout: 30_000, interval: 250 })
    .toEqual({ loads: 1, ready: 5, pulls: 'ImagePullBackOff', crashes: 'CrashLoopBackOff', unplaced: 3 });
});

test('a second start resumes data, address and token; the kubeconfig is for its owner only', async () => {
  await using dir = await tempDir('plane');
  const options = { name: 'kept', dir: dir.path, minimal: true };
  const first = await startControlPlane(options);
  const kubeconfig = await readFile(first.kubeconfig, 'utf8');
  expect((await stat(first.kubeconfig)).mode & 0o777).toBe(0o600);
  expect((await askApiServer(first, 'POST', configMaps, configMap)).status).toBe(201);
  await first.stop();
  expect(first.processes).toEqual([]);
  await using second = await startControlPlane(options);
  expect(await readFile(second.kubeconfig, 'utf8')).toBe(kubeconfig);
  expect(await statusOf(second, `${configMaps}/kept`)).toBe(200);
});

test('control planes that share an etcd do not see each other', async () => {
  await using dir = await tempDir('plane');
  await using etcd = await startEtcd({ dir: dir.path, durable: false });
  const start = (name: string) => startControlPlane({ name, dir: join(dir.path, name), minimal: true, etcd });
  await using one = await start('one');
  await using two = await start('two');
  expect((await askApiServer(one, 'POST', configMaps, configMap)).status).toBe(201);
  expect([await statusOf(one, `${configMaps}/kept`), await statusOf(two, `${configMaps}/kept`)]).toEqual([
    200, 404,
  ]);
});

test('a taken port and a program that ends early are told with the way out', async () => {
  await using dir = await tempDir('plane');
  const port = await freePort();
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  await expect(startControlPlane({ name: 'a', dir: dir.path, minimal: true, port })).rejects.toThrow(
    `port ${port} of control plane a is taken`,
  );
  squatter.close();
  const folder = join(dir.path, 'b');
  const { files } = await openIdentity('b', folder, undefined);
  await writeFile(files.serviceAccountPublicKey, 'not a key');
  await expect(startControlPlane({ name: 'b', dir: folder, minimal: true })).rejects.toThrow(
    /kube-apiserver did not start: .*log: .*kube-apiserver\.log/,
  );
});

test('says when a program ends by itself', async () => {
  await using dir = await tempDir('plane');
  const lines: string[] = [];
  await using plane = await startControlPlane({
    name: 'a',
    dir: dir.path,
    minimal: true,
    durable: false,
    log: (line) => lines.push(line),
  });
  plane.send('kube-apiserver', 'SIGKILL');
  await expect.poll(() => lines.join('\n')).toContain('kube-apiserver was ended by SIGKILL');
  expect(plane.processes.map(({ name }) => name)).toEqual(['etcd']);
});

test.runIf(process.platform === 'linux')(
  'nothing is left when the process that started it is killed',
  async () => {
    await using dir = await tempDir('plane');
    const script = `
    import { startControlPlane } from ${JSON.stringify(join(import.meta.dirname, 'control-plane.ts'))};
    const plane = await startControlPlane({ name: 'a', dir: ${JSON.stringify(dir.path)}, minimal: true, durable: false });
    process.stdout.write(JSON.stringify(plane.processes.map(({ pid }) => pid)));
    setTimeout(() => undefined, 60_000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = (await once(starter.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(text.toString()) as number[];
    expect(pids.length).toBe(2);
    starter.kill('SIGKILL');
    const living = () => pids.filter((pid) => isLiving(pid));
    await expect.poll(living, { timeout: 5_000 }).toEqual([]);
  },
);

function isLiving(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
