import { ensureParts, requirePart } from '@meridian/testkit';
import type { Bench, BenchContext } from '../bench.ts';
import { percentile, rounded } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { binaryTimes } from '../resolver-binary.ts';
import type { BinaryTimes } from '../resolver-binary.ts';
import { sampleOverlays } from '../resolver-files.ts';
import { commitNames, hubThreads, resolvedByHub } from '../resolver-hub.ts';
import type { Resolved } from '../resolver-hub.ts';
import type { OverlaysSize } from '../resolver-rendering.ts';
import { timesAlone, timesOnThreads } from '../resolver-threads.ts';
import type { RenderingTimes } from '../resolver-threads.ts';

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

interface Size extends OverlaysSize {
  /** How many overlays the binary builds. */
  readonly sample: number;
}

/** The same overlays from memory on one thread and on two, by a hub from a repository, and by the binary from a disk. */
async function overlays(
  size: Size,
  binary: string,
  { progress, signal }: BenchContext,
): Promise<readonly Figure[]> {
  const { overlays: count, models, sample } = size;
  progress(`rendering ${count} overlays of ${models * 8} objects`);
  const alone = await timesAlone(size);
  const shared = await timesOnThreads(size, hubThreads);
  const hub = await resolvedByHub({ clusters: count, applications: 1, models }, signal);
  progress(`building ${sample} of them with ${binary}`);
  const files = sampleOverlays(count, models);
  const theirs = await binaryTimes(binary, { files, overlays: count, count: sample, signal });
  return [
    ...engineFigures('one thread', alone, size, theirs),
    ...engineFigures(`${hubThreads} threads`, shared, size, theirs),
    ...hubFigures(hub, models, theirs),
  ];
}

function engineFigures(
  who: string,
  { cold, base, image, overlay }: RenderingTimes,
  { overlays: count, models }: Size,
  { alone }: BinaryTimes,
): readonly Figure[] {
  const figure = (what: string, seconds: number, n: number): Figure => ({
    ...{ bench: 'resolver', figure: `${who} ${what}, ${models * 8} objects`, value: rounded(n / seconds) },
    ...{ unit: 'overlays per s', n, against: 'kustomize build', ratio: rounded(n / seconds / alone) },
  });
  return [
    figure('from cold caches, just started', cold[0] ?? Infinity, count),
    figure(`from cold caches, median of ${cold.length}`, percentile(cold, 0.5), count),
    figure('after the first change of the base', base[0] ?? Infinity, count),
    figure(`after a change of the base, median of ${base.length}`, percentile(base, 0.5), count),
    figure(
      `after a change of the base that every overlay is about, median of ${image.length}`,
      percentile(image, 0.5),
      count,
    ),
    figure('after a change of one overlay', overlay, 1),
  ];
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
