import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const launcher = 'services/cli/bin/meridian.mjs';

test('in a clone without packages the launcher says what to do instead of failing to load', () => {
  const clone = mkdtempSync(join(tmpdir(), 'meridian-clone-'));
  try {
    mkdirSync(join(clone, 'services/cli/bin'), { recursive: true });
    copyFileSync(join(root, launcher), join(clone, launcher));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(clone, launcher), 'status'], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('its packages are not installed yet\n  fix: run "npm start"');
    expect(stderr).not.toContain('    at ');
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
});

test('the root package offers the launcher, so that npx finds it before anything is installed', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: { meridian: string };
    scripts: Record<string, string>;
  };
  expect(manifest.bin.meridian).toBe(launcher);
  expect(existsSync(join(root, manifest.bin.meridian))).toBe(true);
});

test('every npm script that runs TypeScript installs what is missing first, and those that end a fleet replace nothing', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const prepare = 'node services/sandbox/bin/prepare.mjs';
  for (const [name, script] of Object.entries(scripts).filter(([, text]) => text.includes('.ts'))) {
    const ends = name === 'stop' || name === 'reset';
    expect(script, name).toMatch(new RegExp(`^${prepare}${ends ? ' --if-missing' : ''} && exec env node `));
  }
});
