import { Worker } from 'node:worker_threads';
import { afterEach, expect, test, vi } from 'vitest';
import { noCharts } from './chart-renderer.ts';
import type { ThreadMessage } from './messages.ts';
import { renderInRevision } from './render-in-revision.ts';
import { RenderPool } from './render-pool.ts';
import type { RenderLimits } from './render-pool.ts';
import { configMap, heavy } from './testing/heavy.ts';
import { fleetOf } from './testing/render-fleet.ts';

const { signal } = new AbortController();
afterEach(() => vi.restoreAllMocks());

const below = (folder: string, files: { readonly [path: string]: string }) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
const quick = { 'kustomization.yaml': 'resources: [map.yaml]\n', 'map.yaml': configMap('one') };
const fleet = fleetOf({ web: { ...below('base', quick), ...below('overlays/heavy', heavy) } });
const application = {
  ...fleet.subject('web').application,
  overlays: ['overlays/{cluster.name}', 'base'],
};

/** Renders the application for clusters, all asked for at once, in a pool that knows how quick it is. */
async function rendered(limits: Partial<RenderLimits>, clusters: readonly string[]) {
  await using pool = new RenderPool({ threads: 1, timeLimitMs: 600_000, memoryMb: 512, ...limits });
  const render = async (name: string) => {
    const subject = { application, cluster: { name, labels: {} } };
    const source = { files: fleet.files, pool, charts: noCharts };
    return [name, (await renderInRevision(source, subject, signal)).rendering] as const;
  };
  for (let index = 0; index < 5; index += 1) await render(`first-${index}`);
  return new Map(await Promise.all(clusters.map(render)));
}

const quickOnes = Array.from({ length: 60 }, (_, index) => `c${index}`);
const withHeavy = quickOnes.toSpliced(8, 0, 'heavy');
const refused = (found: Awaited<ReturnType<typeof rendered>>) =>
  [...found].flatMap(([, rendering]) => (rendering.ok ? [] : rendering.errors));

test('renderings of one application for many clusters go to a thread in fewer messages, each once', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage');
  const found = await rendered({}, quickOnes);
  expect(refused(found)).toEqual([]);
  const messages = post.mock.calls.map(([message]) => message as ThreadMessage);
  const batches = messages.flatMap((message) => (message.kind === 'tasks' ? [message.tasks] : []));
  const clusters = batches.flat().map(({ cluster }) => cluster.name);
  expect(clusters.slice(5).sort()).toEqual([...quickOnes].sort());
  expect(batches.length - 5).toBeLessThan(quickOnes.length * 0.75);
});

test('of renderings that were given to a thread together only the one that takes too long is refused', async () => {
  const found = await rendered({ timeLimitMs: 1_000 }, withHeavy);
  expect(refused(found)).toMatchObject([
    { cluster: 'heavy', message: 'rendering web takes longer than 1000 ms' },
  ]);
  expect(found.size).toBe(61);
});

test('of renderings that were given to a thread together only the one that takes too much memory is refused', async () => {
  const found = await rendered({ memoryMb: 32 }, withHeavy);
  expect(refused(found)).toMatchObject([
    { cluster: 'heavy', message: 'rendering web takes more than 32 MB of memory' },
  ]);
  expect(found.size).toBe(61);
});
