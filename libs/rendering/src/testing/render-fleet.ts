import { createHash } from 'node:crypto';
import type { Application } from '@meridian/fleet';
import type { RenderSubject } from '../render-in-revision.ts';
import { RevisionFiles } from '../revision-files.ts';
import type { CommitDirectory, CommitFile, CommitNode, CommitTree } from '../commit-tree.ts';

/** Applications as the files of a revision that no git repository has seen. */
export interface RenderFleet {
  readonly files: RevisionFiles;
  /** An application for a cluster, `east` unless told. */
  subject(application: string, cluster?: string): RenderSubject;
}

/** A fleet of applications by name, each with its files by their path below its directory. */
export function fleetOf(applications: {
  readonly [name: string]: { readonly [path: string]: string };
}): RenderFleet {
  const texts = new Map<string, string>();
  for (const [name, files] of Object.entries(applications))
    for (const [path, text] of Object.entries(files)) texts.set(`${pathOf(name)}/${path}`, text);
  return {
    files: new RevisionFiles(commitOf(texts), new AbortController().signal),
    subject: (name, cluster = 'east') => ({
      application: applicationNamed(name),
      cluster: { name: cluster, labels: {} },
    }),
  };
}

const pathOf = (name: string) => `applications/${name}`;

function applicationNamed(name: string): Application {
  return {
    name,
    labels: {},
    path: pathOf(name),
    overlays: ['.'],
    placement: { matchLabels: {} },
    namespace: 'ml',
    rolloutStrategy: 'plain',
    syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
  };
}

/** A commit of files by path, all of them read. */
export function commitOf(texts: ReadonlyMap<string, string>): CommitTree {
  return { root: directoryOf(texts), read: async () => undefined, unreadable: () => undefined };
}

function directoryOf(texts: ReadonlyMap<string, string>): CommitDirectory {
  const byName = Map.groupBy(texts, ([path]) => path.split('/')[0] ?? '');
  const children = new Map<string, CommitNode>();
  for (const [name, inside] of byName) {
    const text = texts.get(name);
    const below = inside.map(([path, each]) => [path.slice(name.length + 1), each] as const);
    children.set(name, text === undefined ? directoryOf(new Map(below)) : fileOf(text));
  }
  const parts = [...children].map(([name, node]) => [name, node.kind === 'directory' ? node.id : node.blob]);
  const id = idOf(JSON.stringify(parts.sort()));
  return { kind: 'directory', id, names: [...children.keys()].sort(), children };
}

function fileOf(text: string): CommitFile {
  return { kind: 'file', blob: idOf(text), content: text };
}

function idOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
