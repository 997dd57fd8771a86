import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { partCacheFolder } from './part-cache.ts';
import { partSources } from './part-catalog.ts';
import type { PartName, PartSource } from './part-catalog.ts';

/** Where Debian puts servers; an ordinary user's PATH does not look there. */
const serversFolder = '/usr/sbin';

/**
 * The path of a part's program, or undefined when the machine has none. Looks in MERIDIAN_PARTS, KUBEBUILDER_ASSETS
 * (etcd, kube-apiserver, kubectl), the cache of built parts and, for programs whose version matters little, PATH.
 */
export function findPart(name: PartName): string | undefined {
  const source = partSources[name];
  for (const folder of privateFolders(source)) {
    const path = join(folder, name);
    if (isProgram(path)) return path;
  }
  if (!source.onPath) return undefined;
  const path = findOnPath(name) ?? [join(serversFolder, name)].find(isProgram);
  return path !== undefined && isNewEnough(path, source.atLeast) ? path : undefined;
}

/** The path of a part that must be there; throws with the command that installs it. */
export function requirePart(name: PartName): string {
  const path = findPart(name);
  if (path !== undefined) return path;
  throw new Error(
    `${name} is not on this machine: \`npm start\` installs it, or set MERIDIAN_PARTS to a folder that has it`,
  );
}

/** The path of a part, or the one that it has when it is built. */
export function expectedPart(name: PartName): string {
  const { go } = partSources[name];
  return findPart(name) ?? (go ? join(partCacheFolder(go.module), name) : name);
}

/** The first program called `name` on PATH. */
export function findOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function privateFolders(source: PartSource): string[] {
  const assets = source.inKubebuilderAssets ? process.env['KUBEBUILDER_ASSETS'] : undefined;
  const cache = source.go ? partCacheFolder(source.go.module) : undefined;
  return [process.env['MERIDIAN_PARTS'], assets, cache].filter((folder): folder is string => Boolean(folder));
}

/** Whether `path` is a file that may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isNewEnough(path: string, atLeast: readonly [number, number] | undefined): boolean {
  if (!atLeast) return true;
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const found = /(\d+)\.(\d+)/.exec(`${answer.stdout}${answer.stderr}`);
  if (!found) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > atLeast[0] || (major === atLeast[0] && minor >= atLeast[1]);
}
