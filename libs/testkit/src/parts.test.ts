import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withFileLock } from './file-lock.ts';
import { expectedPart, findPart, requirePart } from './find-part.ts';
import { explainBuildFailure, isUsableGo } from './go-build.ts';
import { partCacheFolder } from './part-cache.ts';
import { linkerFlags, partSources, waysOf } from './part-catalog.ts';
import { ensureParts, PartsError } from './parts.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'meridian-parts-'));
  vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
  vi.stubEnv('MERIDIAN_PARTS', '');
  vi.stubEnv('KUBEBUILDER_ASSETS', '');
  vi.stubEnv('PATH', join(dir, 'bin'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

function program(folder: string, name: string, text = ''): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${text}"\n`, { mode: 0o755 });
  return join(folder, name);
}

test('looks in MERIDIAN_PARTS, KUBEBUILDER_ASSETS, the cache and PATH, in this order', () => {
  expect(findPart('kubectl')).toBeUndefined();
  const onPath = program(join(dir, 'bin'), 'kubectl');
  expect(findPart('kubectl')).toBe(onPath);
  const built = program(partCacheFolder('kubernetes'), 'kubectl');
  expect(findPart('kubectl')).toBe(built);
  vi.stubEnv('KUBEBUILDER_ASSETS', join(dir, 'assets'));
  const asset = program(join(dir, 'assets'), 'kubectl');
  expect(findPart('kubectl')).toBe(asset);
  vi.stubEnv('MERIDIAN_PARTS', join(dir, 'mine'));
  const mine = program(join(dir, 'mine'), 'kubectl');
  expect(findPart('kubectl')).toBe(mine);
});

test('tells where a part is going to be that is not there yet', () => {
  expect(expectedPart('helm')).toBe(join(partCacheFolder('servers'), 'helm'));
  const onPath = program(join(dir, 'bin'), 'helm');
  expect(expectedPart('helm')).toBe(onPath);
});

test('takes no control plane program from PATH and no file that cannot be run', () => {
  program(join(dir, 'bin'), 'kube-apiserver');
  expect(findPart('kube-apiserver')).toBeUndefined();
  mkdirSync(join(dir, 'bin', 'git'));
  expect(findPart('git')).toBeUndefined();
  expect(() => requirePart('git')).toThrow('MERIDIAN_PARTS');
});

test('takes a broker from PATH only when it is new enough', () => {
  program(join(dir, 'bin'), 'nats-server', 'nats-server: v2.8.4');
  expect(findPart('nats-server')).toBeUndefined();
  const path = program(join(dir, 'bin'), 'nats-server', 'nats-server: v2.10.1');
  expect(findPart('nats-server')).toBe(path);
});

test('says for each part what could not be done and what to install', async () => {
  program(join(dir, 'bin'), 'go', 'go version go1.19.8 linux/amd64');
  const error = await ensureParts(['kwok', 'redis-server']).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PartsError);
  expect((error as PartsError).problems.map((problem) => problem.part)).toEqual(['kwok', 'redis-server']);
  expect((error as PartsError).message).toMatch(/kwok cannot be had: .*too old.*go1\.19\.8.*install Go/);
  expect((error as PartsError).message).toMatch(/redis-server cannot be had: .*no apt-get.*no Homebrew/);
});

test('builds the pinned version where there is Go, and takes a package before it installs Go', () => {
  expect(waysOf(partSources['nats-server'], true)).toEqual(['go', 'debian', 'homebrew']);
  expect(waysOf(partSources['nats-server'], false)).toEqual(['debian', 'homebrew', 'go']);
  expect(waysOf(partSources['kube-apiserver'], false)).toEqual(['go']);
  expect(waysOf(partSources['redis-server'], true)).toEqual(['debian', 'homebrew']);
});

test('builds with the Go that is there, tells progress, and finds the program from then on', async () => {
  const script = `case "$1" in version) echo go version go1.26.1 ;; build) while [ "$1" != -o ]; do shift; done; echo '#!/bin/sh' > "$2"; /bin/chmod +x "$2" ;; esac`;
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const lines: string[] = [];
  const paths = await ensureParts(['kwok', 'etcd', 'kwok'], { onProgress: (line) => lines.push(line) });
  expect(lines).toEqual([
    'building kwok (about 1 min the first time)',
    'building etcd (about half a minute the first time)',
  ]);
  expect(paths.get('kwok')).toBe(findPart('kwok'));
  expect(existsSync(join(partCacheFolder('servers'), '.lock'))).toBe(false);
});

test('a build that fails leaves nothing behind', async () => {
  const script = `case "$1" in version) echo go version go1.26.1 ;; build) echo 'compile: write out.o: no space left on device' >&2; exit 1 ;; esac`;
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await expect(ensureParts(['kwok'])).rejects.toThrow(/kwok cannot be had: the disk is full/);
  expect(findPart('kwok')).toBeUndefined();
});

test.each([
  ['write /x: no space left on device', 'the disk is full'],
  ['go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local)', 'too old'],
  ['go: k8s.io/api: Get "https://proxy": dial tcp: lookup proxy: no such host', 'check the network'],
  ['x.go:1:1: syntax error', 'go build failed'],
])('explains a failed build: %s', (output, text) => {
  expect(explainBuildFailure(output)).toContain(text);
});

test('knows which Go can fetch the toolchain it needs', () => {
  const versions = [
    'go version go1.19.8 linux/amd64',
    'go version go1.21.0 linux/amd64',
    'go version go1.26 darwin/arm64',
    'nonsense',
  ];
  expect(versions.map(isUsableGo)).toEqual([false, true, true, false]);
});

test('tells Kubernetes programs their version', () => {
  expect(linkerFlags('kubernetes')).toMatch(/gitVersion=v1\.\d+\.\d+ .*gitMajor=1 .*gitMinor=\d+/);
});

test('one holder of a file lock at a time, and a dead holder is no obstacle', async () => {
  const { signal } = new AbortController();
  const path = join(dir, 'locks', 'a.lock');
  mkdirSync(join(dir, 'locks'));
  // No process has this id: ids are at most 2^22.
  writeFileSync(path, '99999999\n');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    expect(readFileSync(path, 'utf8').trim()).toBe(String(process.pid));
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withFileLock(path, { signal }, work)));
  expect([most, existsSync(path)]).toEqual([1, false]);
});

test('a wait for a file lock can be given up and names the holder', async () => {
  const path = join(dir, 'a.lock');
  writeFileSync(path, `${process.pid}\n`);
  const holders: number[] = [];
  const waiting = withFileLock(
    path,
    { signal: AbortSignal.timeout(100), onWait: (holder) => holders.push(holder) },
    async () => undefined,
  );
  await expect(waiting).rejects.toThrow();
  expect(holders).toEqual([process.pid]);
});
