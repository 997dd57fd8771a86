import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, runCommand } from '../runner/command.ts';
import { filesBelow } from './generated.ts';
import type { Generated } from './generated.ts';

const target = 'libs/wire/src/gen';

/** Lints `proto/` and generates its TypeScript in a temporary folder. Throws with buf's words when either fails. */
export async function generateProtocol(): Promise<Generated> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-protocol-'));
  try {
    // buf.gen.yaml writes to ../libs/wire/src/gen: below the parent of the output folder.
    const output = join(folder, 'proto');
    await mkdir(output);
    await buf('lint');
    await buf('generate', '--output', output);
    const files = new Map<string, string>();
    for (const path of await filesBelow(join(folder, target))) {
      files.set(join(target, path), await readFile(join(folder, target, path), 'utf8'));
    }
    if (files.size === 0) throw new Error('buf generate made no file');
    return { files, folders: [target] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function buf(...args: string[]): Promise<void> {
  const ended = await runCommand({
    file: join(repositoryRoot, 'node_modules/.bin/buf'),
    args,
    cwd: join(repositoryRoot, 'proto'),
  });
  if (ended.code !== 0) throw new Error(`buf ${args[0]} failed:\n${ended.output}`);
}
