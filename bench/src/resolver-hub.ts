import { execFileSync, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { importHistory, sampleFleet } from './resolver-fleet.ts';
import type { FleetSize } from './resolver-fleet.ts';

const resolveProgram = resolve(import.meta.dirname, '../../services/hub/bin/resolve.ts');

/** On how many threads the hub of the bench renders. */
export const hubThreads = 2;

/** What a hub's process did with one commit. */
export interface Resolved {
  /** From the commit's name to all bundles with their digests. */
  readonly seconds: number;
  /** Of the hub's process with its threads. */
  readonly cpuSeconds: number;
  readonly bundles: number;
  readonly problems: readonly { readonly message: string }[];
  readonly residentMb: number;
}

/** The commits that {@link resolvedByHub} resolves, in their order. */
export const commitNames = [
  'from a cold start',
  'after a change of one base',
  'after a change of one overlay',
] as const;

/** A process that does what a hub does with three commits: all of a fleet, a line of one base, a line of one overlay. */
export async function resolvedByHub(size: FleetSize, signal: AbortSignal): Promise<readonly Resolved[]> {
  await using folder = await tempDir('bench-fleet');
  const repo = join(folder.path, 'repo.git');
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repo]);
  const commits = await importHistory(repo, sampleFleet(size), signal);
  const args = [repo, join(folder.path, 'mirror'), String(hubThreads), ...commits];
  const resolved = await resolveCommits(args, signal);
  for (const [index, name] of commitNames.entries()) {
    const { bundles, problems } = resolved[index] ?? { bundles: 0, problems: [] };
    if (bundles !== size.clusters * size.applications)
      throw new Error(`${name}: ${problems[0]?.message ?? 'not everything was resolved'}`);
  }
  return resolved;
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
