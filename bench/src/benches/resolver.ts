import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BuildCache, buildKustomization, resolveApplication, treeOf, yamlOf } from '@meridian/kustomize';
import type { FileTree } from '@meridian/kustomize';
import { digestNatively } from '@meridian/rendering';
import { ensureParts, requirePart, tempDir } from '@meridian/testkit';
import type { Bench, BenchContext } from '../bench.ts';
import { percentile, rounded } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { importHistory, sampleFleet } from '../resolver-fleet.ts';
import { applicationOf, sampleOverlays, withChangedBase, withChangedOverlay } from '../resolver-files.ts';

/** The resolver against the kustomize binary, overlay by overlay, and a large fleet resolved as a hub does. */
export const resolverBench: Bench = {
  name: 'resolver',
  meaning:
    'overlays rendered against the kustomize binary, 1,000 clusters of 20 applications from a cold start',
  run: async (context) => {
    await ensureParts(['kustomize-5.5'], { onProgress: context.progress, signal: context.signal });
    const binary = requirePart('kustomize-5.5');
    return [
      ...(await overlays({ overlays: 1_000, models: 1, sample: 20 }, binary, context)),
      ...(await overlays({ overlays: 200, models: 13, sample: 10 }, binary, context)),
      ...(await largeFleet(context)),
    ];
  },
};

type Files = { readonly [path: string]: string };

const application = 'model';

function below(dir: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${dir}/${path}`, text]));
}

interface Size {
  readonly overlays: number;
  readonly models: number;
  /** How many overlays the binary builds. */
  readonly sample: number;
}

async function overlays(
  size: Size,
  binary: string,
  { progress, signal }: BenchContext,
): Promise<readonly Figure[]> {
  const { overlays: count, models } = size;
  const objects = models * 8;
  progress(`rendering ${count} overlays of ${objects} objects`);
  const first = sampleOverlays(count, models);
  const changed = withChangedBase(first);
  const [before, after, last] = [first, changed, withChangedOverlay(changed, 0)].map((files) =>
    withIdentities(below(application, files)),
  );
  if (!before || !after || !last) throw new TypeError('three trees');
  const cache = new BuildCache();
  const cold = renderAll(before, count, cache);
  const base = renderAll(after, count, cache);
  const overlay = renderAll(last, 1, cache);
  const theirs = await theirRate(binary, { files: first, size, signal, progress });
  const named = (figure: string, value: number, n: number): Figure => ({
    ...{ bench: 'resolver', figure: `${figure}, ${objects} objects`, value: rounded(value) },
    ...{ unit: 'overlays per s', n },
    ...{ against: 'kustomize build', ratio: rounded(value / theirs) },
  });
  return [
    named('cold caches', cold, count),
    named('after a change of the base', base, count),
    named('after a change of one overlay', overlay, 1),
  ];
}

/** Overlays a second from files in memory to canonical JSON with a digest: what a hub stores. */
function renderAll(tree: FileTree, count: number, cache: BuildCache): number {
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    const cluster = { name: `c${index}`, labels: {} };
    const resolved = resolveApplication({
      tree,
      application: applicationOf(application, application),
      cluster,
      cache,
      digest: digestNatively,
    });
    if ('errors' in resolved) throw new Error(resolved.errors.map(({ message }) => message).join('; '));
  }
  return (count * 1_000) / (performance.now() - startedAt);
}

interface Sample {
  readonly files: Files;
  readonly size: Size;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Overlays a second by the binary, one process each as it is used; what it prints must be what the resolver prints. */
async function theirRate(binary: string, { files, size, signal, progress }: Sample): Promise<number> {
  progress(`building ${size.sample} of them with ${binary}`);
  await using folder = await tempDir('bench-resolver');
  await writeFiles(folder.path, files);
  const tree = treeOf(files);
  const times: number[] = [];
  for (let index = 0; index < size.sample; index += 1) {
    const root = `overlays/c${Math.floor((index * size.overlays) / size.sample)}`;
    const startedAt = performance.now();
    const { stdout } = await promisify(execFile)(binary, ['build', join(folder.path, root)], {
      signal,
      maxBuffer: 64 * 1024 * 1024,
    });
    times.push(performance.now() - startedAt);
    const built = buildKustomization(tree, root, { reorder: 'legacy' });
    if ('errors' in built || yamlOf(built.objects) !== stdout)
      throw new Error(`${root} is not what ${binary} prints`);
  }
  return 1_000 / percentile(times, 0.5);
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const dir of new Set(Object.keys(files).map(dirname)))
    await mkdir(join(folder, dir), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
}

/** A tree that tells what is the same as in another one, as a commit does by its blob ids. */
function withIdentities(files: Files): FileTree {
  const tree = treeOf(files);
  const ids = new Map(
    Object.entries(files).map(([path, text]) => [path, createHash('sha1').update(text).digest('hex')]),
  );
  return {
    ...tree,
    identity: (path) => ids.get(path) ?? tree.list(path)?.join('/') ?? 'nothing',
  };
}

const resolveProgram = resolve(import.meta.dirname, '../../../services/hub/bin/resolve.ts');
const threads = 2;

interface Resolved {
  readonly seconds: number;
  /** Of the hub's process with its threads. */
  readonly cpuSeconds: number;
  readonly bundles: number;
  readonly problems: readonly { readonly message: string }[];
  readonly residentMb: number;
}

/** A process that does what a hub does with three commits: all of a fleet, a line of one base, a line of one overlay. */
async function largeFleet({ progress, signal }: BenchContext): Promise<readonly Figure[]> {
  const [clusters, applications] = [1_000, 20];
  progress(`committing ${clusters} clusters and ${applications} applications`);
  await using folder = await tempDir('bench-fleet');
  const repo = join(folder.path, 'repo.git');
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repo]);
  const commits = await importHistory(repo, sampleFleet(clusters, applications), signal);
  progress(`resolving ${clusters * applications} bundles on ${threads} threads`);
  const resolved = await resolveCommits(
    [repo, join(folder.path, 'mirror'), String(threads), ...commits],
    signal,
  );
  const names = ['from a cold start', 'after a change of one base', 'after a change of one overlay'];
  return names.flatMap((name, index) => {
    const one = resolved[index];
    if (one?.bundles !== clusters * applications)
      throw new Error(`${name}: ${one?.problems[0]?.message ?? 'not everything was resolved'}`);
    const figure = `${clusters} clusters × ${applications} applications ${name}`;
    return [
      { bench: 'resolver', figure, value: rounded(one.seconds), unit: 's', n: 1 },
      { bench: 'resolver', figure: `CPU, ${figure}`, value: rounded(one.cpuSeconds), unit: 's', n: 1 },
      { bench: 'resolver', figure: `memory, ${figure}`, value: rounded(one.residentMb), unit: 'MB', n: 1 },
    ];
  });
}

async function resolveCommits(args: readonly string[], signal: AbortSignal): Promise<Resolved[]> {
  const child = spawn(process.execPath, [resolveProgram, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  if (code !== 0) throw new Error(`resolving ended with code ${code}`);
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Resolved);
}
