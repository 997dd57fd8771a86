import { createHash } from 'node:crypto';
import type { Application } from '@meridian/fleet';
import type { RenderSubject } from '../render-in-revision.ts';
import { RevisionFiles } from '../revision-files.ts';
import type { CommitEntry, CommitTree, LoadedFiles } from '../revision-files.ts';

/** Applications as the files of a revision that no git repository has seen. */
export interface RenderFleet {
  readonly files: RevisionFiles;
  /** An application for a cluster, `east` unless told. */
  subject(application: string, cluster?: string): RenderSubject;
}

/** A fleet of applications by name, each with its files by their path below its directory. */
export async function fleetOf(applications: {
  readonly [name: string]: { readonly [path: string]: string };
}): Promise<RenderFleet> {
  const texts = new Map<string, string>();
  for (const [name, files] of Object.entries(applications))
    for (const [path, text] of Object.entries(files)) texts.set(`${directoryOf(name)}/${path}`, text);
  return {
    files: await RevisionFiles.open(commitOf(texts), new AbortController().signal),
    subject: (name, cluster = 'east') => ({
      application: applicationNamed(name),
      cluster: { name: cluster, labels: {} },
    }),
  };
}

const directoryOf = (name: string) => `applications/${name}`;

function applicationNamed(name: string): Application {
  return {
    name,
    labels: {},
    path: directoryOf(name),
    overlays: ['.'],
    placement: { matchLabels: {} },
    namespace: 'ml',
    rolloutStrategy: 'plain',
    syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
  };
}

function commitOf(texts: ReadonlyMap<string, string>): CommitTree {
  const entries = [...texts].map(([path, text]): CommitEntry => ({
    path,
    kind: 'file',
    blob: createHash('sha1').update(text).digest('hex'),
  }));
  const loaded: LoadedFiles = {
    readFile: (path) => texts.get(path),
    readBytes: () => undefined,
    list: (dir) => namesIn(dir, entries),
    unreadable: () => undefined,
  };
  return {
    entries,
    under: (dir) => entries.filter(({ path }) => path === dir || path.startsWith(`${dir}/`)),
    load: async () => loaded,
  };
}

function namesIn(dir: string, entries: readonly CommitEntry[]): string[] | undefined {
  const prefix = dir === '' ? '' : `${dir}/`;
  const inside = entries.filter(({ path }) => path.startsWith(prefix));
  if (inside.length === 0) return undefined;
  return [...new Set(inside.map(({ path }) => path.slice(prefix.length).split('/')[0] ?? ''))].sort();
}
