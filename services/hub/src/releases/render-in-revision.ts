import type { Application, Cluster } from '@meridian/fleet';
import { resolveApplication, type BuildCache } from '@meridian/kustomize';
import { keyOf, keyText } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { Rendering } from './bundle-cache.ts';
import type { Reads, RevisionFiles } from './revision-files.ts';

/** A resolver that looks outside its application is given what it looked at and asked again, at most this often. */
const mostRounds = 20;

/** The files of a revision and what renderings of all revisions share. */
export interface RenderSource {
  readonly files: RevisionFiles;
  readonly builds: BuildCache;
}

/**
 * Renders an application for a cluster and tells what was looked at. Directories outside its own are read when the resolver
 * asks for them; throws FaultError `exhausted` when that does not end.
 */
export async function renderInRevision(
  { files, builds }: RenderSource,
  application: Application,
  cluster: Cluster,
): Promise<{ readonly reads: Reads; readonly rendering: Rendering }> {
  await files.need([application.path]);
  for (let round = 0; round < mostRounds; round++) {
    const { tree, reads, misses } = files.record();
    const resolved = resolveApplication({ tree, application, cluster, cache: builds });
    if (misses.size === 0) return { reads, rendering: toRendering(resolved) };
    await files.need([...misses].map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) || path));
  }
  throw new FaultError(
    'exhausted',
    `${application.name} refers to more than ${mostRounds} levels of directories outside its own`,
    {
      retry: 'never',
    },
  );
}

function toRendering(resolved: ReturnType<typeof resolveApplication>): Rendering {
  if ('errors' in resolved) return { ok: false, errors: resolved.errors };
  const { digest, bytes, bundle } = resolved;
  return {
    ok: true,
    bundle: { digest, bytes, keys: bundle.objects.map((object) => keyText(keyOf(object))) },
  };
}
