import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { knownToken, startFakeHub } from './testing/fake-hub.ts';
import { clusters } from './testing/fixtures.ts';
import { runCommand } from './testing/run.ts';

test.each([
  [['frobnicate']],
  [['status', '-o', 'xml']],
  [['render', 'inference-server']],
  [['explain', 'inference-server', 'deployment/web']],
  [['explain', 'inference-server', '--cluster', 'us-east-1']],
  [['events', '--limit', 'many']],
  [['app']],
  [['completion', 'powershell']],
  [['--api', 'not a url', 'status']],
])('%j is a usage error: exit 2, and stdout stays empty', async (args) => {
  const { code, stdout, stderr } = await runCommand(args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/error/);
});

test('--help exits 0 and tells the exit codes', async () => {
  const { code, stdout } = await runCommand(['--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('3 no hub answers');
});

test('--version tells the version of the CLI alone, and asks no hub', async () => {
  for (const option of ['--version', '-V']) {
    const { code, stdout } = await runCommand([option]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }
});

test.each(['main', 'main~1', 'v1.2', 'abc123', 'HEAD', ''])(
  'render refuses the revision "%s" and tells the way to a commit id',
  async (revision) => {
    const args = ['render', 'inference-server', '--cluster', 'us-east-1', '--revision', revision];
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(2);
    expect(stderr).toContain('must be a commit id of 7 hex digits or more');
    expect(stderr).toContain('git rev-parse NAME');
  },
);

test('without any known fleet the way to one is told', async () => {
  const { code, stderr } = await runCommand(['status'], {
    cwd: '/',
    env: { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' },
  });
  // A sandbox of this very checkout may run beside the test.
  expect([0, 3, 4]).toContain(code);
  if (code === 3) expect(stderr).toContain('npm start');
});

test('.meridian/cli.json of a parent folder is found, and current.json leads to data elsewhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-context-'));
  await using hub = await startFakeHub({ '/v1/clusters': clusters });
  try {
    mkdirSync(join(folder, 'repo', '.meridian'), { recursive: true });
    mkdirSync(join(folder, 'repo', 'deep', 'er'), { recursive: true });
    mkdirSync(join(folder, 'data'));
    writeFileSync(
      join(folder, 'repo', '.meridian', 'current.json'),
      JSON.stringify({ data: join(folder, 'data') }),
    );
    writeFileSync(join(folder, 'data', 'cli.json'), JSON.stringify({ api: [hub.url], tokenFile: 'token' }));
    writeFileSync(join(folder, 'data', 'token'), knownToken);
    const { code } = await runCommand(['clusters'], { cwd: join(folder, 'repo', 'deep', 'er') });
    expect(code).toBe(0);
    const file = {
      repo: '/r',
      branch: 'main',
      api: hub.url,
      console: '',
      clusters: [],
      processes: [{ name: 'hub-1', pid: 7, born: 'x' }],
      nats: 'nats://x',
      metrics: { 'hub-1': 'http://127.0.0.1:9/metrics' },
    };
    writeFileSync(join(folder, 'data', 'sandbox.json'), JSON.stringify(file));
    const sandbox = await runCommand(['sandbox', '-o', 'json'], { cwd: join(folder, 'repo') });
    expect(JSON.parse(sandbox.stdout)).toEqual({
      repo: '/r',
      branch: 'main',
      api: hub.url,
      console: '',
      clusters: [],
      processes: [{ name: 'hub-1', pid: 7 }],
      metrics: { 'hub-1': 'http://127.0.0.1:9/metrics' },
    });
    const table = await runCommand(['sandbox'], { cwd: join(folder, 'repo') });
    expect(table.stdout).toMatch(/PROCESS\s+METRICS\nhub-1\s+http:\/\/127\.0\.0\.1:9\/metrics\n/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a token found for one fleet is not sent to another that is named on the command line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-context-'));
  await using hub = await startFakeHub({ '/v1/clusters': clusters });
  try {
    mkdirSync(join(folder, '.meridian'));
    writeFileSync(
      join(folder, '.meridian', 'cli.json'),
      JSON.stringify({ api: ['http://127.0.0.1:1'], tokenFile: join(folder, 'token') }),
    );
    writeFileSync(join(folder, 'token'), knownToken);
    const { code } = await runCommand(['clusters', '--api', hub.url], {
      cwd: folder,
      env: { MERIDIAN_TOKEN_FILE: '' },
    });
    expect(code).toBe(4);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each(['bash', 'zsh', 'fish'])('completion for %s knows every command', async (shell) => {
  const { stdout } = await runCommand(['completion', shell]);
  for (const word of ['status', 'rollouts', 'doctor', 'render', 'explain']) expect(stdout).toContain(word);
  expect(stdout).not.toContain('undefined');
});

test('the bash completion is valid bash', async () => {
  const { stdout } = await runCommand(['completion', 'bash']);
  expect(spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' }).stderr).toBe('');
});
