import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot, runCommand } from '../runner/command.ts';
import type { Ended } from '../runner/command.ts';

// The rules are tried on a copy, so that a killed test leaves nothing forbidden behind and lint may run beside it.
const copied = [
  'package.json',
  'package-lock.json',
  'nx.json',
  'eslint.config.js',
  'tsconfig.base.json',
  'libs',
];
const boundary = '@nx/enforce-module-boundaries';

const planted = {
  'libs/rollout/src/planted-adapter.ts':
    "import * as other from '@meridian/ledger';\nexport const planted = other;\n",
  'libs/rollout/src/planted-outside.ts': "import * as other from 'ioredis';\nexport const planted = other;\n",
  'libs/rollout/src/planted-relative.ts':
    "import * as other from '../../retry/src/index.ts';\nexport const planted = other;\n",
  'libs/rollout/src/planted-clock.ts': 'export const planted = (): number => Date.now();\n',
  'libs/lease/src/planted-sibling.ts':
    "import * as other from '@meridian/ledger';\nexport const planted = other;\n",
  'libs/retry/src/planted-node.ts':
    "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;\n",
  'libs/retry/src/planted-inside.ts':
    "import * as other from '@meridian/fleet/src/index.ts';\nexport const planted = other;\n",
} as const;

type Planted = keyof typeof planted;

describe('layer rules', { timeout: 120_000 }, () => {
  let folder = '';
  let lint: Ended = { code: 0, output: '' };
  let types: Ended = { code: 0, output: '' };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'meridian-boundaries-'));
    await copyWorkspace(folder);
    for (const [path, text] of Object.entries(planted)) await writeFile(join(folder, path), text);
    const env = {
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      NX_WORKSPACE_ROOT_PATH: folder,
    };
    const bin = join(folder, 'node_modules/.bin');
    const projects = '@meridian/rollout,@meridian/lease';
    lint = await runCommand({
      file: join(bin, 'nx'),
      args: ['run-many', '-t', 'lint', '-p', projects, '--skip-nx-cache', '--parallel=2'],
      cwd: folder,
      env,
    });
    types = await runCommand({
      file: join(bin, 'tsc'),
      args: ['--noEmit', '-p', 'libs/retry'],
      cwd: folder,
    });
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const complaintsAbout = (path: Planted) => sectionOf(lint.output, join(folder, path));

  test('a forbidden import fails the lint of its package', () => {
    expect(lint.code).not.toBe(0);
  });

  test('a core package cannot import an adapter', () => {
    expect(complaintsAbout('libs/rollout/src/planted-adapter.ts')).toContain(boundary);
  });

  test('a core package cannot import an outside package that is not on its list', () => {
    expect(complaintsAbout('libs/rollout/src/planted-outside.ts')).toContain(boundary);
  });

  test('no package can be imported by a relative path', () => {
    expect(complaintsAbout('libs/rollout/src/planted-relative.ts')).toContain(boundary);
  });

  test('a core package cannot read the clock', () => {
    expect(complaintsAbout('libs/rollout/src/planted-clock.ts')).toContain('time is an argument in core');
  });

  test('an adapter cannot import an adapter', () => {
    expect(complaintsAbout('libs/lease/src/planted-sibling.ts')).toContain(boundary);
  });

  test('Node does not exist in a core package', () => {
    expect(types.code).not.toBe(0);
    expect(types.output).toMatch(/planted-node\.ts.*node:fs/);
  });

  test('nothing can be imported past the index of a package', () => {
    expect(types.output).toMatch(/planted-inside\.ts.*@meridian\/fleet\/src\/index\.ts/);
  });
});

/** Makes a workspace with the same rules and packages; the sources are copied, what npm installed is linked. */
async function copyWorkspace(folder: string): Promise<void> {
  for (const path of copied) {
    await cp(join(repositoryRoot, path), join(folder, path), {
      recursive: true,
      filter: (source) => !source.endsWith('/node_modules'),
    });
  }
  for (const path of ['services', 'e2e', 'bench']) await mkdir(join(folder, path));
  const installed = join(repositoryRoot, 'node_modules');
  const linked = join(folder, 'node_modules');
  await mkdir(join(linked, '@meridian'), { recursive: true });
  for (const name of await readdir(installed)) {
    if (name !== '@meridian') await symlink(join(installed, name), join(linked, name));
  }
  for (const name of await readdir(join(folder, 'libs'))) {
    await symlink(join(folder, 'libs', name), join(linked, '@meridian', name));
  }
}

/** What eslint printed below the heading of one file. */
function sectionOf(output: string, path: string): string {
  const start = output.indexOf(path);
  if (start < 0) return '';
  const end = output.indexOf('\n\n', start);
  return output.slice(start, end < 0 ? undefined : end);
}
