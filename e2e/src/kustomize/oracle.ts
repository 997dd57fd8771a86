import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findPart, tempDir } from '@meridian/testkit';
import type { Profile } from '@meridian/kustomize';
import type { MadeTree } from './made-tree.ts';

/** What a build came to: the text of its objects, or why it was refused. */
export type Outcome = { readonly text: string } | { readonly refused: string };

/** Builds a tree as the real kustomize of a profile does. */
export type Oracle = (tree: MadeTree) => Promise<Outcome>;

const partOf = { '5.5': 'kustomize-5.5', '5.8': 'kustomize-5.8' } as const;

/** The kustomize that a profile follows, one process for each build; undefined where the machine has none. */
export function oracleOf(profile: Profile): Oracle | undefined {
  const program = findPart(partOf[profile]);
  return program === undefined ? undefined : (tree) => inFolder(tree, (folder) => run(program, folder, tree));
}

/** Writes a tree to a folder of its own for as long as `use` takes. */
export async function inFolder<Result>(
  tree: MadeTree,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  await using folder = await tempDir('fuzz');
  for (const [path, text] of Object.entries(tree.files)) {
    await mkdir(join(folder.path, dirname(path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return await use(folder.path);
}

/** A tree may ask for what takes for ever or all memory: then it counts as refused. */
const patienceMs = 30_000;

function run(program: string, folder: string, tree: MadeTree): Promise<Outcome> {
  return new Promise((resolve) => {
    // No git, no network: a remote base is refused at once, as it is here.
    const child = spawn(program, ['build', tree.root, `--reorder=${tree.reorder}`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/nonexistent', HTTPS_PROXY: 'http://127.0.0.1:9', GOMEMLIMIT: '1GiB' },
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    const text: Buffer[] = [];
    let problem = '';
    child.stdout.on('data', (chunk: Buffer) => text.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      problem = (problem + chunk.toString('utf8')).slice(-4_096);
    });
    child.once('error', (error) => resolve({ refused: error.message }));
    child.once('close', (code) =>
      resolve(code === 0 ? { text: Buffer.concat(text).toString('utf8') } : { refused: problem }),
    );
  });
}
