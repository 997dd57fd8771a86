import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import { writeWhole } from './files.ts';
import { repositoryRoot } from './options.ts';
import type { PlannedCluster, SandboxPlan } from './plan.ts';
import { runProgram } from './run-program.ts';
import { SandboxError } from './sandbox-error.ts';

/** Branch that the fleet follows. */
export const fleetBranch = 'main';

const author = {
  GIT_AUTHOR_NAME: 'Meridian sandbox',
  GIT_AUTHOR_EMAIL: 'sandbox@meridian.dev',
  GIT_COMMITTER_NAME: 'Meridian sandbox',
  GIT_COMMITTER_EMAIL: 'sandbox@meridian.dev',
};

/** Throws when git is missing. */
export async function checkGit(): Promise<void> {
  const { code } = await runProgram('git', ['--version']);
  if (code === 0) return;
  throw new SandboxError('git is not on this machine', {
    fix: 'install git (apt-get install git, brew install git) and start again',
  });
}

/** Makes the bare repository from the example fleet, and a clone to edit; keeps whatever is there already. */
export async function ensureFleetRepo(data: DataDirectory, plan: SandboxPlan): Promise<void> {
  if (!(await hasBranch(data))) await createRepo(data, plan);
  installHook(data);
  if (!existsSync(join(data.clone, '.git'))) {
    rmSync(data.clone, { recursive: true, force: true });
    await git(['clone', '--quiet', '--branch', fleetBranch, data.repo, data.clone]);
    await nameCommitter(data);
  }
}

/** Commit id of the fleet's branch. */
export async function fleetHead(data: DataDirectory): Promise<string> {
  return (await git(['--git-dir', data.repo, 'rev-parse', `refs/heads/${fleetBranch}`])).trim();
}

async function hasBranch(data: DataDirectory): Promise<boolean> {
  return (
    (
      await runProgram('git', [
        '--git-dir',
        data.repo,
        'rev-parse',
        '--verify',
        '--quiet',
        `refs/heads/${fleetBranch}`,
      ])
    ).code === 0
  );
}

async function createRepo(data: DataDirectory, plan: SandboxPlan): Promise<void> {
  rmSync(data.repo, { recursive: true, force: true });
  await git(['init', '--quiet', '--bare', data.repo]);
  await git(['--git-dir', data.repo, 'symbolic-ref', 'HEAD', `refs/heads/${fleetBranch}`]);
  const work = mkdtempSync(join(data.path, 'first-commit-'));
  try {
    copyExample(work, plan);
    const at = (args: string[]) =>
      git(['-C', work, '-c', 'commit.gpgsign=false', '-c', 'core.autocrlf=false', ...args]);
    await at(['init', '--quiet']);
    await at(['symbolic-ref', 'HEAD', `refs/heads/${fleetBranch}`]);
    await at(['add', '--all']);
    await at(['commit', '--quiet', '--message', 'Begin with the example fleet']);
    await at(['push', '--quiet', data.repo, fleetBranch]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function copyExample(work: string, plan: SandboxPlan): void {
  const example = join(repositoryRoot, 'examples', 'ml-fleet');
  if (!existsSync(example))
    throw new SandboxError(`${example} is missing`, { fix: 'run this from a full clone of the repository' });
  cpSync(example, work, { recursive: true });
  const file = join(work, 'fleet', 'clusters.yaml');
  writeFileSync(file, clustersFile(readFileSync(file, 'utf8'), plan.clusters));
}

/** `fleet/clusters.yaml` for these clusters: the example's own documents where it has them, like ones for the others. */
export function clustersFile(example: string, clusters: readonly PlannedCluster[]): string {
  const documents = example.split(/^---[^\S\n]*\n/m).filter((text) => /^kind: Cluster$/m.test(text));
  const written = clusters.map(
    (cluster) => documents.find((text) => nameIn(text) === cluster.name) ?? clusterDocument(cluster),
  );
  return written.map((text) => text.trim()).join('\n---\n') + '\n';
}

function nameIn(document: string): string | undefined {
  return /^(?: {2}name: |metadata: *\{ *name: *)["']?([a-z0-9-]+)/m.exec(document)?.[1];
}

function clusterDocument({ name, region }: PlannedCluster): string {
  return `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata:
  name: ${name}
  labels:
    region: ${JSON.stringify(region)}
    tier: prod
`;
}

/**
 * After a push git's hook writes down which refs moved; the sandbox sees that file and calls the hubs' webhook. The
 * hook itself asks nothing of the network, so a push works at the same speed when no fleet runs.
 */
function installHook(data: DataDirectory): void {
  const hook = join(data.repo, 'hooks', 'post-receive');
  const target = join(data.pushes, 'last').replaceAll("'", `'\\''`);
  writeWhole(
    hook,
    `#!/bin/sh\n# Tells the running sandbox of a push. Never fails one.\n{ cat > '${target}'; } 2>/dev/null\nexit 0\n`,
  );
  chmodSync(hook, 0o755);
}

/** Gives the clone a committer when the user's git has none, so that the commands of the summary work. */
async function nameCommitter(data: DataDirectory): Promise<void> {
  for (const [key, value] of [
    ['user.name', author.GIT_AUTHOR_NAME],
    ['user.email', author.GIT_AUTHOR_EMAIL],
  ] as const) {
    const known = await runProgram('git', ['-C', data.clone, 'config', '--get', key]);
    if (known.code !== 0) await git(['-C', data.clone, 'config', key, value]);
  }
}

async function git(args: readonly string[]): Promise<string> {
  const ran = await runProgram('git', args, { env: author });
  if (ran.code === 0) return ran.stdout;
  throw new SandboxError(`git ${args.join(' ')} failed: ${ran.stderr.trim()}`);
}
