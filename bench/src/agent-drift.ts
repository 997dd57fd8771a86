import type { AgentRig } from './agent-rig.ts';
import { figuresOf } from './figure.ts';
import type { Figure } from './figure.ts';
import { send, watchObjects } from './kube-watch.ts';
import type { ApiServer } from './kube-watch.ts';

const rounds = 50;
const roundsBesideFight = 20;
const namespace = 'bench-0';
const fought = 'sample-1';

/** ConfigMaps among the first objects of the application, but for the one that is fought over. */
const others = [
  'sample-2',
  'sample-3',
  'sample-4',
  'sample-5',
  'sample-10',
  'sample-11',
  'sample-12',
  'sample-13',
];

/** From sending a change by hand until the watch delivers the object as it was declared, alone and while another one fights. */
export async function driftFigures(rig: AgentRig): Promise<readonly Figure[]> {
  const alone = await healed(rig, rounds);
  const stop = new AbortController();
  const fight = await startFight(rig.server, AbortSignal.any([stop.signal, rig.context.signal]));
  const beside = await healed(rig, roundsBesideFight);
  stop.abort();
  return [
    ...figuresOf('agent', { figure: 'drift to healed', unit: 'ms', samples: alone }),
    ...figuresOf('agent', {
      figure: 'drift to healed while somebody fights over another object',
      unit: 'ms',
      samples: beside,
      against: { name: 'alone', samples: alone },
    }),
    {
      bench: 'agent',
      figure: 'times the other object was healed meanwhile',
      value: fight.heals(),
      unit: 'times',
      n: 1,
    },
  ];
}

async function healed({ server, context }: AgentRig, times: number): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < times; round += 1) {
    context.progress(`drift ${round + 1} of ${times}`);
    const name = others[round % others.length] ?? fought;
    samples.push(await healOf(server, name));
    // Eight objects in turn: none drifts so often that it counts as a fight.
    await new Promise((next) => setTimeout(next, 1_600));
  }
  return samples;
}

async function healOf(server: ApiServer, name: string): Promise<number> {
  const stop = new AbortController();
  const heal = Promise.withResolvers<number>();
  let hasDrifted = false;
  await watchData(server, name, stop.signal, (data) => {
    if (data['version'] === 'by hand') hasDrifted = true;
    else if (hasDrifted) heal.resolve(performance.now());
  });
  const start = performance.now();
  await driftBy(server, name, 'by hand');
  const at = await heal.promise;
  stop.abort();
  return at - start;
}

/** Whoever writes his own value again as soon as it is healed. */
async function startFight(server: ApiServer, signal: AbortSignal): Promise<{ readonly heals: () => number }> {
  let heals = 0;
  const write = () => driftBy(server, fought, 'fighter').catch(() => undefined);
  await watchData(server, fought, signal, (data) => {
    if (data['version'] === 'fighter' || signal.aborted) return;
    heals += 1;
    void write();
  });
  return { heals: () => heals };
}

interface Data {
  readonly [key: string]: string;
}

function watchData(
  server: ApiServer,
  name: string,
  signal: AbortSignal,
  seen: (data: Data) => void,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps?watch=1&fieldSelector=metadata.name%3D${name}`;
  // The API server gives ConfigMaps here.
  return watchObjects(server, path, (object) => seen((object as { readonly data: Data }).data), signal);
}

async function driftBy(server: ApiServer, name: string, by: string): Promise<void> {
  await send(server, 'PATCH', `/api/v1/namespaces/${namespace}/configmaps/${name}?fieldManager=by-hand`, {
    type: 'application/merge-patch+json',
    text: JSON.stringify({ data: { version: by } }),
  });
}
