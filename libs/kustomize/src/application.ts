import {
  matchesSelector,
  type Application,
  type Bundle,
  type Cluster,
  type LocatedError,
} from '@meridian/fleet';
import {
  canonicalJsonWithin,
  digestText,
  orderObjects,
  type DigestedText,
  type KubeObject,
} from '@meridian/manifests';
import { buildChart } from './charts/build-chart.ts';
import { annotationWarnings } from './object-hints.ts';
import type { ChartOutputs } from './charts/chart-request.ts';
import type { BuildCache } from './build/build-cache.ts';
import { mostBundleBytes } from './bundle-size.ts';
import { buildSource } from './directory.ts';
import type { Provenance } from './explain/provenance.ts';
import { keptText } from './kept-texts.ts';
import { kubeObjectsOf, type LocatedKubeObject } from './kube-objects.ts';
import { RecordedLabels, type LabelReads } from './overrides/label-reads.ts';
import type { RootChanges } from './overrides/root-changes.ts';
import { resolveOverlay } from './overlay.ts';
import { nameText, placedObjects, type PlacedObject } from './placed-objects.ts';
import { outcomeOf, shortened } from './refusal.ts';
import type { FileTree } from './tree.ts';

/** What is rendered, and for whom. */
export interface ApplicationRequest {
  readonly tree: FileTree;
  readonly application: Application;
  readonly cluster: Cluster;
  /** What renderings may share; it changes no result. */
  readonly cache?: BuildCache;
  /** Outputs of charts; without it charts are refused. */
  readonly charts?: ChartOutputs;
  /** Is told what every step of the build does; see `BuildOptions`. */
  readonly provenance?: Provenance;
  /** Encodes the bundle and takes its digest; a faster way than the one in plain JavaScript, with the same result. */
  readonly digest?: (text: string) => DigestedText;
}

/** A bundle with the canonical JSON it is named by, and what is worth a warning; or everything that keeps it from being made. */
type Resolution =
  | {
      readonly bundle: Bundle;
      readonly digest: string;
      readonly bytes: Uint8Array;
      readonly warnings: readonly LocatedError[];
      /** Where an object of the bundle was read or what generated it; undefined for any other object. */
      readonly originOf: (object: KubeObject) => LocatedKubeObject['origin'] | undefined;
    }
  | { readonly errors: readonly LocatedError[] };

/** How resolving ended, and the labels of the cluster that this depends on besides those that {@link renderingContext} tells. */
export type ResolvedApplication = Resolution & { readonly labelReads: LabelReads };

/**
 * Renders an application for a cluster: overlay, build with the overrides that select the cluster, default namespace, checks,
 * order, canonical JSON, digest. Pure, so that hub, CLI, CI and agent get the same digest from the same tree. Fields of the
 * application's document are told as fields of its directory (`withDeclaredPlace` of `libs/fleet`).
 */
export function resolveApplication(request: ApplicationRequest): ResolvedApplication {
  const { name, labels } = request.cluster;
  const recorded = new RecordedLabels(labels);
  const changes = (isShared: boolean): RootChanges | undefined => changesOf(request, recorded, isShared);
  const subject = { ...request, cluster: { name, labels: recorded.labels }, changes };
  const resolution = outcomeOf(() => resolved(subject), request.application.path);
  const labelReads = recorded.reads;
  if (!('errors' in resolution)) return { ...resolution, labelReads };
  return { errors: resolution.errors.map((error) => ({ ...error, cluster: name })), labelReads };
}

/** What the application changes on top of its overlay; undefined when that is nothing. */
function changesOf(
  { application, cluster: { name, labels } }: ApplicationRequest,
  recorded: RecordedLabels,
  isShared: boolean,
): RootChanges | undefined {
  const { path: directory, overrides = [], variables = false } = application;
  // Which of them select the cluster is a part of the context, so the labels for that need no note.
  const selected = overrides.filter(({ clusters }) => matchesSelector(clusters, labels));
  if (selected.length === 0 && !variables) return undefined;
  const layers = { directory, overrides: selected };
  return { layers, isShared, variablesOf: variables ? { name, labels: recorded.labels } : undefined };
}

function resolved({
  tree,
  application,
  cluster,
  changes,
  digest = digestText,
  ...shared
}: ApplicationRequest & {
  readonly changes: (isShared: boolean) => RootChanges | undefined;
}): Resolution {
  const overlay = resolveOverlay(tree, application, cluster);
  if ('errors' in overlay) return overlay;
  const options = { ...shared, changes: changes(!overlay.isOwn) };
  const built = application.helm
    ? buildChart({ tree, application, cluster, helm: application.helm }, options)
    : buildSource(tree, overlay.root, options);
  const refused = (errors: readonly LocatedError[]): Resolution => ({ errors: shortened(errors) });
  if ('errors' in built) return built;
  const checked = kubeObjectsOf(built.objects);
  if ('errors' in checked) return refused(checked.errors);
  const placed = placedObjects(checked.objects, application.namespace);
  const errors = [...placed.flatMap(({ problems }) => problems), ...duplicates(placed)];
  if (errors.length > 0) return refused(errors);
  const tooLarge = {
    file: overlay.root,
    message: `the bundle is larger than ${mostBundleBytes} bytes`,
    fix: 'split the application',
  };
  const bundle: Bundle = {
    application: application.name,
    cluster: cluster.name,
    objects: orderObjects(placed.map(({ object }) => object)),
  };
  const text = canonicalJsonWithin(bundle, mostBundleBytes, keptText);
  const digested = text === undefined ? undefined : digest(text);
  if (!digested || digested.bytes.length > mostBundleBytes) return refused([tooLarge]);
  return {
    bundle,
    ...digested,
    warnings: [...built.warnings, ...checked.objects.flatMap(annotationWarnings)],
    originOf: (wanted) => placed.find(({ object }) => object === wanted)?.origin,
  };
}

function duplicates(objects: readonly PlacedObject[]): LocatedError[] {
  const seen = new Map<string, PlacedObject>();
  return objects.flatMap((each) => {
    const { object, origin, key } = each;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, each);
      return [];
    }
    const place = object.metadata.namespace === undefined ? '' : ` in ${object.metadata.namespace}`;
    const other = `${first.origin.file}:${first.origin.line}`;
    return [
      {
        ...origin,
        message: `${nameText(object)}${place} is rendered twice, first by ${other}`,
        fix: 'remove one of the two',
      },
    ];
  });
}
