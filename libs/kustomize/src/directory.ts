import { Accumulation } from './build/accumulation.ts';
import { buildKustomization, type BuildOptions, type Built } from './build/build.ts';
import { resourcesIn } from './build/documents.ts';
import { isKustomization } from './build/kustomization.ts';
import { buildPlain } from './plain-build.ts';
import { refuse } from './refusal.ts';
import type { FileTree } from './tree.ts';

const mostFiles = 10_000;
const deepest = 64;

/** Builds a directory without kustomization: the objects of every `.yaml`, `.yml` and `.json` file below it, in path order. */
function buildDirectory(tree: FileTree, root: string, options: BuildOptions): Built {
  return buildPlain({ tree, root, read: (noting) => readDirectory(noting, root) }, options);
}

function readDirectory(tree: FileTree, root: string): Accumulation {
  const accumulation = new Accumulation();
  const files = filesBelow(tree, root, 0);
  if (files.length > mostFiles)
    refuse({
      file: root,
      message: `${root} holds more than ${mostFiles} files`,
      fix: 'split the application',
    });
  for (const path of files.sort()) {
    const text = tree.readFile(path);
    if (text !== undefined) accumulation.append(resourcesIn(text, path));
    else
      refuse({
        file: path,
        message: tree.unreadable?.(path) ?? `${path} is no plain file`,
        fix: 'commit it as a plain file',
      });
  }
  return accumulation;
}

function filesBelow(tree: FileTree, dir: string, depth: number): string[] {
  if (depth > deepest)
    refuse({ file: dir, message: `directories nest deeper than ${deepest} levels`, fix: 'flatten them' });
  return (tree.list(dir) ?? []).flatMap((name) => {
    const path = dir === '' ? name : `${dir}/${name}`;
    if (tree.list(path)) return filesBelow(tree, path, depth + 1);
    return /\.(?:ya?ml|json)$/.test(name) ? [path] : [];
  });
}

/** Builds a directory as a kustomization when it is one, as plain files otherwise. */
export function buildSource(tree: FileTree, root: string, options: BuildOptions = {}): Built {
  const names = tree.list(root);
  if (!names) {
    const message = tree.unreadable?.(root) ?? `${root} does not exist`;
    return { errors: [{ file: root, message, fix: `add ${root} or correct the path` }] };
  }
  return names.some(isKustomization)
    ? buildKustomization(tree, root, options)
    : buildDirectory(tree, root, options);
}
