import type { Application, Cluster } from '@meridian/fleet';
import { labelsSeen, renderingContext } from '@meridian/kustomize';
import { canonicalJson, type KubeObject } from '@meridian/manifests';
import type { PolicySet } from '@meridian/policy';
import {
  renderInRevision,
  type ChartRenderer,
  type RenderedInRevision,
  type RenderPool,
} from '@meridian/rendering';
import type { Revision } from './revision.ts';

/** What is rendered, for whom, and what it is held to. */
export interface Placement {
  readonly application: Application;
  readonly cluster: Cluster;
  readonly policies: PolicySet;
}

/** What renderings share. */
export interface RenderTools {
  readonly pool: RenderPool;
  readonly charts: ChartRenderer;
  readonly signal: AbortSignal;
}

/** A cluster of either revision, and the application there before and after. */
export interface PlacedCluster {
  readonly name: string;
  readonly before: Placement | undefined;
  readonly after: Placement | undefined;
}

/** An application in a cluster at both revisions; the very same rendering when it is made of the same. */
export interface Renderings {
  readonly before: RenderedInRevision | undefined;
  readonly after: RenderedInRevision | undefined;
}

/** Renders an application for a cluster at both revisions, once where everything that the rendering is made of is the same. */
export async function renderBoth(
  { before, after }: PlacedCluster,
  { base, head }: { readonly base: Revision; readonly head: Revision },
  { pool, charts, signal }: RenderTools,
): Promise<Renderings> {
  const render = (placement: Placement | undefined, { files }: Revision) =>
    placement && renderInRevision({ files, pool, charts }, placement, signal);
  const old = await render(before, base);
  if (before && old && after && isSame(old, [before, after], head)) return { before: old, after: old };
  return { before: old, after: await render(after, head) };
}

function isSame(
  { reads, labelReads }: RenderedInRevision,
  [before, after]: readonly [Placement, Placement],
  { files }: Revision,
): boolean {
  if (reads === undefined) return false;
  const [old, now] = [before, after].map(({ application, cluster, policies }) =>
    [
      renderingContext(application, cluster),
      policies.digest,
      policies.digest === '' ? '' : canonicalJson(application),
      labelsSeen(labelReads, cluster.labels),
    ].join(' '),
  );
  return old === now && files.matches(reads);
}

/** The objects of a rendering; undefined without one. */
export function objectsOf(rendered: RenderedInRevision | undefined): readonly KubeObject[] | undefined {
  if (rendered?.rendering.ok !== true) return undefined;
  const { objects } = JSON.parse(new TextDecoder().decode(rendered.rendering.bundle.bytes)) as {
    readonly objects: readonly KubeObject[];
  };
  return objects;
}

/** The name of a rendered bundle; undefined without one. */
export function digestOf(rendered: RenderedInRevision | undefined): string | undefined {
  return rendered?.rendering.ok === true ? rendered.rendering.bundle.digest : undefined;
}
