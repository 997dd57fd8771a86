import { controlPlaneParts, ensureParts, startControlPlane, tempDir } from '@meridian/testkit';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { applyAll, makeNamespace } from '../bare-client.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { percentile, rounded } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { apiServerOf, send, watchObjects } from '../kube-watch.ts';
import type { ApiServer } from '../kube-watch.ts';
import { residentMb } from '../resident-memory.ts';
import { sampleObjects } from '../sample-objects.ts';
import type { SampleObject } from '../sample-objects.ts';
import { startSimProcess } from '../sim-process.ts';

const rounds = 7;
const objectsPerRound = 1_000;
const watchers = 10;
const namespace = 'bench';
const manyClusters = 200;
const objectsPerCluster = 100;

/** kubesim against a real API server: rates of applies and of watch events, and the memory of many clusters. */
export const kubesimBench: Bench = {
  name: 'kubesim',
  meaning:
    'applies and watch events of a simulated against a real API server, memory of 200 simulated clusters',
  run: async (context) => [...(await rates(context)), ...(await memory(context))],
};

interface Rig {
  readonly simulated: ApiServer;
  readonly real: ApiServer;
  readonly context: BenchContext;
}

async function rates(context: BenchContext): Promise<readonly Figure[]> {
  await ensureParts(controlPlaneParts, { onProgress: context.progress, signal: context.signal });
  await using folder = await tempDir('bench-kubesim');
  const [realDir, simulatedDir] = [join(folder.path, 'real'), join(folder.path, 'simulated')];
  await mkdir(simulatedDir);
  await using plane = await startControlPlane({ name: 'real', dir: realDir, durable: false, minimal: true });
  await using process = await startSimProcess(simulatedDir, 1, context.signal);
  const [kubeconfig = ''] = process.kubeconfigs;
  const rig: Rig = { real: apiServerOf(plane.kubeconfig), simulated: apiServerOf(kubeconfig), context };
  for (const server of [rig.real, rig.simulated]) await makeNamespace(server, namespace);
  return [...(await applyRates(rig)), ...(await watchRates(rig))];
}

/** Server-side applies of 1,000 objects, 20 in flight; each round changes every object, the first one makes them. */
async function applyRates(rig: Rig): Promise<readonly Figure[]> {
  const created = { simulated: [] as number[], real: [] as number[] };
  const changed = { simulated: [] as number[], real: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    rig.context.progress(`applying ${objectsPerRound} objects, round ${round + 1} of ${rounds + 1}`);
    const objects = sampleObjects(objectsPerRound, { version: round, namespace });
    const into = round === 0 ? created : changed;
    into.simulated.push(await applyRate(rig.simulated, objects, rig.context.signal));
    into.real.push(await applyRate(rig.real, objects, rig.context.signal));
  }
  return [
    rateFigure('first applies, 20 in flight', created),
    rateFigure('applies that change, 20 in flight', changed),
  ];
}

async function applyRate(
  server: ApiServer,
  objects: readonly SampleObject[],
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now();
  await applyAll(server, objects, signal);
  return perSecond(objects.length, startedAt);
}

/** Ten watches of all ConfigMaps while 1,000 applies change six hundred of them: events delivered a second, over all watches. */
async function watchRates({ simulated, real, context }: Rig): Promise<readonly Figure[]> {
  const rates = { simulated: [] as number[], real: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    context.progress(`watching, round ${round + 1} of ${rounds}`);
    const objects = sampleObjects(objectsPerRound, { version: rounds + 1 + round, namespace });
    rates.simulated.push(await watchRate(simulated, objects, context.signal));
    rates.real.push(await watchRate(real, objects, context.signal));
  }
  return [rateFigure(`events to ${watchers} watches`, rates)];
}

async function watchRate(
  server: ApiServer,
  objects: readonly SampleObject[],
  signal: AbortSignal,
): Promise<number> {
  const changes = objects.filter(({ path }) => path.includes('/configmaps/'));
  const due = changes.length * watchers;
  const version = await latestRevision(server);
  const closing = new AbortController();
  let seen = 0;
  const all = Promise.withResolvers<undefined>();
  const note = () => {
    seen += 1;
    if (seen === due) all.resolve(undefined);
  };
  const until = AbortSignal.any([signal, closing.signal, AbortSignal.timeout(60_000)]);
  until.addEventListener('abort', () => all.reject(new Error(`${seen} of ${due} events came`)));
  await Promise.all(
    Array.from({ length: watchers }, () =>
      watchObjects(server, `/api/v1/configmaps?watch=1&resourceVersion=${version}`, note, until),
    ),
  );
  const startedAt = performance.now();
  await Promise.all([applyAll(server, changes, signal), all.promise]);
  const rate = perSecond(due, startedAt);
  closing.abort();
  return rate;
}

/** Memory of one process with one cluster, with 200 empty ones, and with 100 objects in each. */
async function memory({ progress, signal }: BenchContext): Promise<readonly Figure[]> {
  progress('starting one cluster');
  const one = await weigh(1, signal, (server) => server.residentMb());
  progress(`starting ${manyClusters} clusters`);
  return weigh(manyClusters, signal, async (server) => {
    const empty = server.residentMb();
    progress(`applying ${objectsPerCluster} objects in each`);
    await server.fill();
    const full = server.residentMb();
    const ofOne = (mb: number) => rounded((mb * 1_024) / manyClusters);
    return [
      memoryFigure('one empty cluster, whole process', { value: rounded(one), unit: 'MB', n: 1 }),
      memoryFigure(`${manyClusters} empty clusters, whole process`, {
        value: rounded(empty),
        unit: 'MB',
        n: 1,
      }),
      memoryFigure('each further empty cluster', { value: ofOne(empty - one), unit: 'kB', n: manyClusters }),
      memoryFigure(`${manyClusters} clusters of ${objectsPerCluster} objects, whole process`, {
        ...{ value: rounded(full), unit: 'MB', n: 1 },
      }),
      memoryFigure(`${objectsPerCluster} objects in a cluster`, {
        ...{ value: ofOne(full - empty), unit: 'kB', n: manyClusters },
      }),
    ];
  });
}

interface Weighed {
  residentMb(): number;
  /** Applies the objects in every cluster. */
  fill(): Promise<void>;
}

async function weigh<T>(
  count: number,
  signal: AbortSignal,
  work: (server: Weighed) => T | Promise<T>,
): Promise<T> {
  await using folder = await tempDir('bench-kubesim');
  await using process = await startSimProcess(folder.path, count, signal);
  return await work({
    residentMb: () => residentMb(process.pid),
    async fill() {
      const objects = sampleObjects(objectsPerCluster, { version: 0, namespace });
      for (const kubeconfig of process.kubeconfigs) {
        const server = apiServerOf(kubeconfig);
        await makeNamespace(server, namespace);
        await applyAll(server, objects, signal);
        server.agent.destroy();
      }
    },
  });
}

async function latestRevision(server: ApiServer): Promise<string> {
  const list = await send(server, 'GET', '/api/v1/configmaps?limit=1');
  return (list as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

function perSecond(count: number, startedAt: number): number {
  return (count * 1_000) / (performance.now() - startedAt);
}

function rateFigure(
  figure: string,
  { simulated, real }: { readonly simulated: readonly number[]; readonly real: readonly number[] },
): Figure {
  const value = percentile(simulated, 0.5);
  const other = percentile(real, 0.5);
  return {
    ...{ bench: 'kubesim', figure, value: rounded(value), unit: 'per s', n: simulated.length },
    ...{ against: 'kube-apiserver', ratio: rounded(value / other) },
  };
}

function memoryFigure(figure: string, rest: Pick<Figure, 'value' | 'unit' | 'n'>): Figure {
  return { bench: 'kubesim', figure: `memory of ${figure}`, ...rest };
}
