import { errorText } from '@meridian/runtime';
import { findOnPath, findPart } from './find-part.ts';
import { buildPart, findGo, isUsableGo } from './go-build.ts';
import { partSources, waysOf } from './part-catalog.ts';
import type { GoSource, PartName } from './part-catalog.ts';
import { runCommand } from './run-command.ts';
import { installDebianPackages, installHomebrewPackage } from './system-package.ts';
import type { InstallOptions } from './system-package.ts';

/** Parts that could not be had, each with the ways that were tried and what to install. */
export class PartsError extends Error {
  readonly problems: readonly { readonly part: PartName; readonly reason: string }[];

  constructor(problems: readonly { readonly part: PartName; readonly reason: string }[]) {
    super(problems.map(({ part, reason }) => `${part} cannot be had: ${reason}`).join('\n'));
    this.name = 'PartsError';
    this.problems = problems;
  }
}

/** Options of `ensureParts`. `onProgress` gets one human line per thing that takes time. */
export interface EnsurePartsOptions {
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Finds each part and installs what is missing, by whichever way the machine has: a Go build of the pinned version,
 * a Debian package, Homebrew. Gives the path of each; throws PartsError with all that could not be had.
 */
export async function ensureParts(
  names: readonly PartName[],
  options: EnsurePartsOptions = {},
): Promise<ReadonlyMap<PartName, string>> {
  const install: InstallOptions = {
    onProgress: options.onProgress ?? (() => undefined),
    signal: options.signal ?? new AbortController().signal,
  };
  await installTogether(names, install);
  const paths = new Map<PartName, string>();
  const problems: { part: PartName; reason: string }[] = [];
  for (const part of new Set(names)) {
    const found = findPart(part);
    const outcome = found === undefined ? await installPart(part, install) : { path: found };
    if ('path' in outcome) paths.set(part, outcome.path);
    else problems.push({ part, reason: outcome.reason });
  }
  if (problems.length > 0) throw new PartsError(problems);
  return paths;
}

type Outcome = { readonly path: string } | { readonly reason: string };

/** One run of apt-get is quicker than one for each; what it cannot do is tried part by part. */
async function installTogether(names: readonly PartName[], options: InstallOptions): Promise<void> {
  const hasGo = findGo() !== undefined;
  const packages = [...new Set(names)].flatMap((name) => {
    const source = partSources[name];
    const isNext = waysOf(source, hasGo)[0] === 'debian' && findPart(name) === undefined;
    return isNext && source.debian !== undefined ? [source.debian] : [];
  });
  if (packages.length > 1) await installDebianPackages(packages, options);
}

async function installPart(name: PartName, options: InstallOptions): Promise<Outcome> {
  const source = partSources[name];
  const tried: string[] = [];
  for (const way of waysOf(source, findGo() !== undefined)) {
    const outcome =
      way === 'go' ? await installWithGo(name, source.go, options) : await installPackage(name, way, options);
    if ('path' in outcome) return outcome;
    tried.push(outcome.reason);
  }
  return { reason: tried.join('; ') };
}

const packageInstallers = {
  debian: (name: string, options: InstallOptions) => installDebianPackages([name], options),
  homebrew: installHomebrewPackage,
};

async function installPackage(
  name: PartName,
  way: 'debian' | 'homebrew',
  options: InstallOptions,
): Promise<Outcome> {
  const packageName = partSources[name][way] ?? name;
  const problem = await packageInstallers[way](packageName, options);
  const path = problem === undefined ? findPart(name) : undefined;
  if (path !== undefined) return { path };
  return { reason: problem ?? `the package ${packageName} brings no usable ${name}` };
}

async function installWithGo(
  name: PartName,
  source: GoSource | undefined,
  options: InstallOptions,
): Promise<Outcome> {
  if (source === undefined) return { reason: `${name} has no Go module` };
  const go = await ensureGo(options);
  if ('reason' in go) return go;
  try {
    return { path: await buildPart(name, source, { ...options, go: go.path }) };
  } catch (error) {
    options.signal.throwIfAborted();
    return { reason: errorText(error) };
  }
}

async function ensureGo(options: InstallOptions): Promise<Outcome> {
  const advice =
    'install Go 1.21 or newer (https://go.dev/dl), or set MERIDIAN_PARTS to a folder that has the program';
  if (findGo() === undefined) {
    const problem = findOnPath('brew')
      ? await installHomebrewPackage('go', options)
      : await installDebianPackages(['golang-go'], options);
    if (problem !== undefined) return { reason: `no go command (${problem}); ${advice}` };
  }
  const path = findGo();
  if (path === undefined) return { reason: `no go command; ${advice}` };
  const version = await runCommand([path, 'version'], { signal: options.signal });
  return isUsableGo(version.output)
    ? { path }
    : { reason: `${path} is too old (${version.output.trim()}); ${advice}` };
}
