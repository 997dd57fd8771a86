import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { withFileLock } from './file-lock.ts';
import { findOnPath, findPart, isProgram } from './find-part.ts';
import { partCacheFolder } from './part-cache.ts';
import { goModuleFolder, linkerFlags } from './part-catalog.ts';
import type { GoSource, PartName } from './part-catalog.ts';
import { runCommand } from './run-command.ts';
import type { InstallOptions } from './system-package.ts';

/** The go command of this machine: PATH first, then the folder of the official archive. */
export function findGo(): string | undefined {
  return findOnPath('go') ?? ['/usr/local/go/bin/go'].find(isProgram);
}

/** Go before 1.21 cannot fetch the newer toolchain that a go.mod asks for (https://go.dev/doc/toolchain). */
export function isUsableGo(versionText: string): boolean {
  const found = /go(\d+)\.(\d+)/.exec(versionText);
  return found !== null && (Number(found[1]) > 1 || Number(found[2]) >= 21);
}

/**
 * Builds a part from its pinned Go module into the cache and gives its path. One process builds at a time;
 * a program appears in the cache only when it is complete. Throws an Error that says what to do.
 */
export async function buildPart(
  name: PartName,
  source: GoSource,
  options: InstallOptions & { readonly go: string },
): Promise<string> {
  const folder = partCacheFolder(source.module);
  const onWait = (holder: number) =>
    options.onProgress(`waiting for process ${holder}, which is building parts`);
  return withFileLock(join(folder, '.lock'), { signal: options.signal, onWait }, async () => {
    const present = findPart(name);
    if (present !== undefined) return present;
    options.onProgress(`building ${name} (about ${source.firstBuild} the first time)`);
    await mkdir(folder, { recursive: true });
    const partial = join(folder, `.${name}.${process.pid}`);
    try {
      await compile(name, source, { ...options, output: partial });
      await rename(partial, join(folder, name));
    } finally {
      await rm(partial, { force: true });
    }
    return join(folder, name);
  });
}

async function compile(
  name: PartName,
  source: GoSource,
  options: InstallOptions & { readonly go: string; readonly output: string },
): Promise<void> {
  const done = new AbortController();
  const reminder = remind(name, options.onProgress, AbortSignal.any([options.signal, done.signal]));
  try {
    const result = await runCommand(
      [
        options.go,
        'build',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags',
        linkerFlags(source.module),
        '-o',
        options.output,
        source.package,
      ],
      { folder: goModuleFolder(source.module), environment: buildEnvironment(), signal: options.signal },
    );
    if (result.code !== 0) throw new Error(explainBuildFailure(result.output));
  } finally {
    done.abort();
    await reminder;
  }
}

/** Debian's Go does not fetch the toolchain that a go.mod asks for unless it is told to. */
function buildEnvironment(): { readonly [name: string]: string } {
  const toolchain = process.env['GOTOOLCHAIN'] || 'auto';
  return { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly', GOTOOLCHAIN: toolchain };
}

async function remind(
  name: PartName,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  for (;;) {
    await systemClock.wait(30_000, signal);
    if (signal.aborted) return;
    const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1000);
    onProgress(`still building ${name} (${Math.floor(seconds / 60)} min ${seconds % 60} s so far)`);
  }
}

/** What a person can do about a failed `go build`, from what it printed. */
export function explainBuildFailure(output: string): string {
  const tail = output.trim().split('\n').slice(-5).join('\n');
  if (/no space left on device|disk quota exceeded/i.test(output)) {
    return `the disk is full: the first build needs about 6 GB for Go's module and build caches (\`go env GOMODCACHE GOCACHE\`)\n${tail}`;
  }
  if (/toolchain not available|requires go >= /i.test(output)) {
    return `this Go is too old and could not fetch a newer one: install Go 1.26 from https://go.dev/dl\n${tail}`;
  }
  if (
    /dial tcp|i\/o timeout|no such host|proxyconnect|TLS handshake|connection (refused|reset)|\b50\d \w/i.test(
      output,
    )
  ) {
    return `Go modules could not be downloaded: check the network, or GOPROXY when the machine needs a proxy\n${tail}`;
  }
  return `go build failed:\n${tail}`;
}
