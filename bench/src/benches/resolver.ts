import { createHash } from 'node:crypto';
import { BuildCache, resolveApplication, treeOf } from '@meridian/kustomize';
import type { FileTree } from '@meridian/kustomize';
import { digestNatively } from '@meridian/rendering';
import { ensureParts, requirePart } from '@meridian/testkit';
import type { Bench, BenchContext } from '../bench.ts';
import { rounded } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { binaryTimes } from '../resolver-binary.ts';
import type { BinaryTimes } from '../resolver-binary.ts';
import { applicationOf, sampleOverlays, withChangedBase, withChangedOverlay } from '../resolver-files.ts';
import { commitNames, hubThreads, resolvedByHub } from '../resolver-hub.ts';
import type { Resolved } from '../resolver-hub.ts';

/** The resolver against the kustomize binary, overlay by overlay, and a large fleet resolved as a hub does. */
export const resolverBench: Bench = {
  name: 'resolver',
  meaning:
    'overlays rendered against the kustomize binary, 1,000 clusters of 20 applications from a cold start',
  run: async (context) => {
    await ensureParts(['kustomize-5.5'], { onProgress: context.progress, signal: context.signal });
    const binary = requirePart('kustomize-5.5');
    return [
      ...(await overlays({ overlays: 1_000, models: 1, sample: 20 }, binary, context)),
      ...(await overlays({ overlays: 200, models: 13, sample: 10 }, binary, context)),
      ...(await largeFleet(context)),
    ];
  },
};

type Files = { readonly [path: string]: string };

const application = 'model';

function below(dir: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${dir}/${path}`, text]));
}

interface Size {
  readonly overlays: number;
  readonly models: number;
  /** How many overlays the binary builds. */
  readonly sample: number;
}

/** The same overlays on one thread from memory, by a hub from a repository, and by the binary from a disk. */
async function overlays(
  size: Size,
  binary: string,
  { progress, signal }: BenchContext,
): Promise<readonly Figure[]> {
  const { overlays: count, models, sample } = size;
  progress(`rendering ${count} overlays of ${models * 8} objects`);
  const files = sampleOverlays(count, models);
  const alone = onOneThread(files, count);
  const hub = await resolvedByHub({ clusters: count, applications: 1, models }, signal);
  progress(`building ${sample} of them with ${binary}`);
  const theirs = await binaryTimes(binary, { files, overlays: count, count: sample, signal });
  return [...alone.map((one) => aloneFigure(one, models, theirs)), ...hubFigures(hub, models, theirs)];
}

/** How fast some overlays were rendered. */
interface Rate {
  readonly figure: string;
  readonly perSecond: number;
  readonly n: number;
}

function onOneThread(first: Files, count: number): readonly Rate[] {
  const changed = withChangedBase(first);
  const cache = new BuildCache();
  const rate = (figure: string, files: Files, n: number): Rate => {
    const tree = withIdentities(below(application, files));
    return { figure, perSecond: renderAll(tree, n, cache), n };
  };
  return [
    rate('cold caches', first, count),
    rate('after a change of the base', changed, count),
    rate('after a change of one overlay', withChangedOverlay(changed, 0), 1),
  ];
}

function aloneFigure({ figure, perSecond, n }: Rate, models: number, { alone }: BinaryTimes): Figure {
  return {
    ...{ bench: 'resolver', figure: `${figure}, ${models * 8} objects`, value: rounded(perSecond) },
    ...{ unit: 'overlays per s', n, against: 'kustomize build', ratio: rounded(perSecond / alone) },
  };
}

/** A commit of one overlay is left out: what a hub does with it is to find out that all others stay, which is no rate. */
function hubFigures(hub: readonly Resolved[], models: number, theirs: BinaryTimes): readonly Figure[] {
  return hub.slice(0, 2).flatMap(({ seconds, cpuSeconds, bundles }, index) => {
    const figure = `hub on ${hubThreads} threads ${commitNames[index] ?? ''}, ${models * 8} objects`;
    const against = (what: string, peer: string, ours: number, others: number): Figure => ({
      ...{ bench: 'resolver', figure, value: rounded(ours), unit: `overlays per ${what}`, n: bundles },
      ...{ against: peer, ratio: rounded(ours / others) },
    });
    return [
      against('s', 'kustomize build', bundles / seconds, theirs.alone),
      against('s', 'kustomize build, two at a time', bundles / seconds, theirs.paired),
      against('CPU s', 'CPU of kustomize build', bundles / cpuSeconds, 1 / theirs.cpuSeconds),
    ];
  });
}

/** Overlays a second from files in memory to canonical JSON with a digest: what a hub stores. */
function renderAll(tree: FileTree, count: number, cache: BuildCache): number {
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    const cluster = { name: `c${index}`, labels: {} };
    const resolved = resolveApplication({
      tree,
      application: applicationOf(application, application),
      cluster,
      cache,
      digest: digestNatively,
    });
    if ('errors' in resolved) throw new Error(resolved.errors.map(({ message }) => message).join('; '));
  }
  return (count * 1_000) / (performance.now() - startedAt);
}

/** A tree that tells what is the same as in another one, as a commit does by its blob ids. */
function withIdentities(files: Files): FileTree {
  const tree = treeOf(files);
  const ids = new Map(
    Object.entries(files).map(([path, text]) => [path, createHash('sha1').update(text).digest('hex')]),
  );
  return {
    ...tree,
    identity: (path) => ids.get(path) ?? tree.list(path)?.join('/') ?? 'nothing',
  };
}

async function largeFleet({ progress, signal }: BenchContext): Promise<readonly Figure[]> {
  const size = { clusters: 1_000, applications: 20, models: 1 };
  progress(`resolving ${size.clusters * size.applications} bundles on ${hubThreads} threads`);
  const resolved = await resolvedByHub(size, signal);
  return resolved.flatMap(({ seconds, cpuSeconds, residentMb }, index) => {
    const { clusters, applications } = size;
    const figure = `${clusters} clusters × ${applications} applications ${commitNames[index] ?? ''}`;
    return [
      { bench: 'resolver', figure, value: rounded(seconds), unit: 's', n: 1 },
      { bench: 'resolver', figure: `CPU, ${figure}`, value: rounded(cpuSeconds), unit: 's', n: 1 },
      { bench: 'resolver', figure: `memory, ${figure}`, value: rounded(residentMb), unit: 'MB', n: 1 },
    ];
  });
}
