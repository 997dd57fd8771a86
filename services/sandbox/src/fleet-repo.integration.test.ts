import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { layout, prepareDirectory } from './data-directory.ts';
import { ensureFleetRepo, fleetHead } from './fleet-repo.ts';
import { planClusters } from './plan.ts';
import { notifyOfPushes } from './push-notifier.ts';

const plan = { kube: 'real' as const, clusters: planClusters(4), ports: {} };

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
  });
}

test('the example becomes a repository one can push to, with a clone; a second start keeps both', async () => {
  await using folder = await tempDir('fleet-repo');
  const data = layout(folder.path);
  prepareDirectory(data);
  await ensureFleetRepo(data, plan);
  const first = await fleetHead(data);
  expect(git(data.clone, 'log', '--format=%an %s').trim()).toBe(
    'Meridian sandbox Begin with the example fleet',
  );
  expect(git(data.clone, 'show', 'HEAD:fleet/clusters.yaml').match(/^kind: Cluster$/gm)).toHaveLength(4);
  appendFileSync(join(data.clone, 'README.md'), 'mine\n');
  git(data.clone, 'commit', '-qam', 'mine');
  git(data.clone, 'push', '-q');
  await ensureFleetRepo(data, plan);
  expect(await fleetHead(data)).not.toBe(first);
  rmSync(data.clone, { recursive: true });
  await ensureFleetRepo(data, plan);
  expect(existsSync(join(data.clone, '.git'))).toBe(true);
});

test('a push is told to every hub at once, signed, with the new commit; without hubs it works as well', async () => {
  await using folder = await tempDir('fleet-repo');
  const data = layout(folder.path);
  prepareDirectory(data);
  await ensureFleetRepo(data, plan);
  const received: { body: string; signature: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ body, signature: request.headers['x-meridian-signature'] });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  notifyOfPushes({
    data,
    urls: ['http://127.0.0.1:1/hook', `http://127.0.0.1:${port}/hook`],
    secret: 'hush',
    signal: stop.signal,
  });
  const push = () => {
    git(data.clone, 'commit', '-q', '--allow-empty', '-m', 'again');
    git(data.clone, 'push', '-q');
  };
  push();
  await expect.poll(() => received.length).toBeGreaterThan(0);
  const { body, signature } = received.at(-1)!;
  expect(JSON.parse(body)).toMatchObject({ ref: 'refs/heads/main', after: await fleetHead(data) });
  expect(signature).toBe(`sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`);
  stop.abort();
  rmSync(data.pushes, { recursive: true });
  push();
  server.closeAllConnections();
  server.close();
});
