import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultMatch } from '@meridian/kubesim';
import { configMap } from '../testing/rig.ts';
import { begin, startFaultyWorld, within } from './faulty-world.ts';
import type { FaultyWorld } from './faulty-world.ts';
import { percentile, rowOf } from './row.ts';
import type { FaultRow } from './row.ts';

/** Measures one thing that goes wrong with watches. */
export interface WatchStory {
  readonly name: string;
  measure(world: FaultyWorld): Promise<readonly Omit<FaultRow, 'fault' | 'met'>[]>;
}

const watches: FaultMatch = { verbs: ['watch'], resources: ['configmaps'] };
const lists: FaultMatch = { verbs: ['list'], resources: ['configmaps'] };
const toldSeconds = 15;
const stallSeconds = 60;
const patienceMs = 120_000;
/** Longer than any watch of an agent lives, so that one was renewed where nothing happens. */
const quietMs = 75_000;
const normalEdits = 100;

/** Faults of F13, and how it is when nothing is wrong. */
export const watchStories: readonly WatchStory[] = [
  { name: 'none', measure: edits },
  ending('410 Gone', { kind: 'failWatch', code: 410 }),
  ending('ERROR event', { kind: 'failWatch', code: 500 }),
  ending('truncated JSON line', { kind: 'truncate', afterBytes: 700 }),
  { name: 'silent watch', measure: silence },
  { name: `only bookmarks for ${quietMs / 1_000} s`, measure: bookmarks },
];

/** Starts an agent and measures one story of it. */
export async function measureWatch(story: WatchStory, signal: AbortSignal): Promise<readonly FaultRow[]> {
  await using world = await startFaultyWorld(signal);
  await begin(
    world,
    namesOf(normalEdits).map((name) => configMap(name)),
  );
  const rows = await story.measure(world);
  return rows.map((row) => rowOf({ fault: `watch: ${story.name}`, ...row }));
}

const namesOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `c${index + 100}`);

/** Edits an object as a person does; gives how many seconds later its drift is told, or undefined. */
async function editToTold(world: FaultyWorld, name: string): Promise<number | undefined> {
  const { kube, namespace, signal } = world;
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
  const sinceMs = performance.now();
  const change = { type: 'merge', patch: { data: { key: 'edited' } } } as const;
  await kube.patch(ref, change, { fieldManager: 'kubectl-edit', signal });
  const atMs = await within(patienceMs, signal, () => world.toldAtMs(name, sinceMs));
  return atMs === undefined ? undefined : (atMs - sinceMs) / 1_000;
}

async function edits(world: FaultyWorld) {
  const took: number[] = [];
  for (const name of namesOf(normalEdits)) took.push((await editToTold(world, name)) ?? Infinity);
  return (
    [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const
  ).map(([name, share]) => {
    const value = percentile(took, share);
    return { ...told(value === Infinity ? undefined : value), figure: `edit → drift told, ${name}` };
  });
}

/** Watches that end in this way three times in a row; one edit each while it is so, one after. */
function ending(name: string, fault: Fault): WatchStory {
  return {
    name,
    async measure(world) {
      const broken = world.break(fault, watches, { count: 3 });
      // Faults of answers are for new watches: the open one ends.
      const end = world.break({ kind: 'dropWatch', how: 'end' }, watches, { count: 1 });
      const during = [await editToTold(world, 'c100'), await editToTold(world, 'c101')];
      const met = broken.count;
      broken.remove();
      end.remove();
      const all = [...during, await editToTold(world, 'c102')];
      if (met === 0) throw new Error(`no watch of the agent has met ${name}`);
      return [{ ...told(longest(all)), figure: 'edit → drift told, longest of 3' }];
    },
  };
}

async function silence(world: FaultyWorld) {
  const silent = world.break({ kind: 'silenceWatch' }, watches, { count: 1 });
  const value = await editToTold(world, 'c100');
  silent.remove();
  return [{ ...told(value), figure: 'edit → drift told', goal: stallSeconds }];
}

async function bookmarks(world: FaultyWorld) {
  // Counts, and holds nothing up.
  const listed = world.break({ kind: 'delay', delayMs: 0 }, lists);
  const watched = world.break({ kind: 'delay', delayMs: 0 }, watches);
  await delay(quietMs, undefined, { signal: world.signal });
  const value = await editToTold(world, 'c100');
  if (watched.count === 0) throw new Error('no watch of the agent was renewed');
  return [
    { figure: 'lists', value: listed.count, unit: 'lists', goal: 0 },
    { ...told(value), figure: 'edit after it → drift told' },
  ];
}

const told = (value: number | undefined) => ({ value, unit: 's', goal: toldSeconds });

const longest = (values: readonly (number | undefined)[]): number | undefined =>
  values.reduce(
    (most, value) => (most === undefined || value === undefined ? undefined : Math.max(most, value)),
    0,
  );
