import { realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ParsedFleetConfig } from '@meridian/fleet';
import type { FileTree } from '@meridian/kustomize';
import { CliError, exitCodes } from '../cli-error.ts';
import { parsedFleet, type FoundFile } from '../fleet-files.ts';
import { checkoutTree } from './checkout-tree.ts';

/** A fleet repo on this machine as it is now, committed or not. */
export interface Checkout {
  /** Its directory, a path without links. */
  readonly root: string;
  readonly tree: FileTree;
  readonly parsed: ParsedFleetConfig;
}

/** Opens the fleet repo that a directory is in: the nearest at or above it with a fleet configuration. Throws CliError when there is none. */
export function openCheckout(cwd: string, fleetPath: string): Checkout {
  const root = rootOf(realpathSync(cwd), fleetPath);
  const tree = checkoutTree(root);
  return { root, tree, parsed: parsedFleet(filesBelow(tree, fleetPath, 0), fleetPath) };
}

function rootOf(cwd: string, fleetPath: string): string {
  for (let at = cwd; ; at = dirname(at)) {
    if (statSync(join(at, fleetPath), { throwIfNoEntry: false })?.isDirectory() === true) return at;
    if (at === dirname(at)) break;
  }
  throw new CliError(
    exitCodes.failed,
    `there is no directory ${fleetPath} here or above`,
    'run it in a checkout of the fleet repo, or name the directory of the fleet configuration with --fleet-path',
  );
}

const deepest = 64;

function filesBelow(tree: FileTree, path: string, depth: number): FoundFile[] {
  if (depth > deepest)
    return [{ path: `${path}.yaml`, text: undefined, unreadable: `${path} nests deeper than ${deepest}` }];
  const names = tree.list(path);
  if (names) return names.flatMap((name) => filesBelow(tree, `${path}/${name}`, depth + 1));
  return [{ path, text: tree.readFile(path), unreadable: tree.unreadable?.(path) }];
}
