import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildKustomization, treeOf, yamlOf } from '@meridian/kustomize';
import { tempDir } from '@meridian/testkit';
import { percentile } from './figure.ts';

type Files = { readonly [path: string]: string };

/** Overlays that the binary builds, a few of many. */
export interface Sample {
  readonly files: Files;
  readonly overlays: number;
  /** How many of them. */
  readonly count: number;
  readonly signal: AbortSignal;
}

/** What one overlay takes the binary, which is run for each as it is used. */
export interface BinaryTimes {
  /** Overlays a second, one after the other: by the median, so that a slow run counts for nothing. */
  readonly alone: number;
  /** Overlays a second, two at a time. */
  readonly paired: number;
  /** CPU of one overlay. */
  readonly cpuSeconds: number;
}

/** Measures the binary; what it prints must be what the resolver prints. */
export async function binaryTimes(binary: string, sample: Sample): Promise<BinaryTimes> {
  await using folder = await tempDir('bench-resolver');
  await writeFiles(folder.path, sample.files);
  const roots = Array.from(
    { length: sample.count },
    (_, index) => `overlays/c${Math.floor((index * sample.overlays) / sample.count)}`,
  );
  const run = { binary, folder: folder.path, signal: sample.signal };
  const times: number[] = [];
  const tree = treeOf(sample.files);
  for (const root of roots) {
    const startedAt = performance.now();
    const printed = await build(root, run);
    times.push(performance.now() - startedAt);
    const built = buildKustomization(tree, root, { reorder: 'legacy' });
    if ('errors' in built || yamlOf(built.objects) !== printed)
      throw new Error(`${root} is not what ${binary} prints`);
  }
  return { alone: 1_000 / percentile(times, 0.5), ...(await paired(roots, run)) };
}

interface Run {
  readonly binary: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const limits = { maxBuffer: 64 * 1024 * 1024 };

async function build(root: string, { binary, folder, signal }: Run): Promise<string> {
  const { stdout } = await promisify(execFile)(binary, ['build', join(folder, root)], { signal, ...limits });
  return stdout;
}

/** Two shells build half of the overlays each, and then say what that took of CPU. */
async function paired(
  roots: readonly string[],
  run: Run,
): Promise<Pick<BinaryTimes, 'paired' | 'cpuSeconds'>> {
  const half = Math.ceil(roots.length / 2);
  const startedAt = performance.now();
  const cpu = await Promise.all([roots.slice(0, half), roots.slice(half)].map((some) => cpuOf(some, run)));
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    paired: roots.length / seconds,
    cpuSeconds: cpu.reduce((sum, each) => sum + each, 0) / roots.length,
  };
}

const script = 'binary=$1; shift; for root; do "$binary" build "$root" > /dev/null || exit 1; done; times';

async function cpuOf(roots: readonly string[], { binary, folder, signal }: Run): Promise<number> {
  const places = roots.map((root) => join(folder, root));
  const { stdout } = await promisify(execFile)('sh', ['-c', script, 'sh', binary, ...places], { signal });
  // POSIX: the second line is user and system time of the children, such as 0m1.230000s.
  const [, children = ''] = stdout.trim().split('\n');
  return Array.from(
    children.matchAll(/(\d+)m([\d.]+)s/g),
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  ).reduce((sum, each) => sum + each, 0);
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const dir of new Set(Object.keys(files).map(dirname)))
    await mkdir(join(folder, dir), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
}
