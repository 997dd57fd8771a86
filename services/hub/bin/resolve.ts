import { openMirror } from '@meridian/git';
import { noCharts, RenderPool } from '@meridian/rendering';
import { createReleases } from '../src/releases/releases.ts';

// Resolves commits of a repository one after the other, as a hub does, for benches and tests:
// resolve.ts REPO MIRROR THREADS COMMIT...   Prints a line of JSON for each, with what it took and how it ended.
const [url = '', dir = '', threads = '1', ...commits] = process.argv.slice(2);
const { signal } = new AbortController();
const mirror = await openMirror({ url, branch: 'main', dir }, signal);
await mirror.fetch(signal);
const pool = new RenderPool({ threads: Number(threads), timeLimitMs: 60_000, memoryMb: 768 });
const releases = createReleases({
  pool,
  charts: noCharts,
  fleetPath: 'fleet',
  patienceMs: 3_600_000,
  tree: (revision, until) => mirror.tree(revision, until),
});
for (const commit of commits) {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const { released, problems } = await releases.at(commit, signal);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1e6;
  const bundles = released.reduce((sum, { bundles: { size } }) => sum + size, 0);
  const residentMb = process.memoryUsage.rss() / 1_048_576;
  const digests = released.map(({ release: { digest } }) => digest).sort();
  const told = { commit, seconds, cpuSeconds, bundles, digests, problems, residentMb };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
await pool.close();
