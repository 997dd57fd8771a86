import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultHandle } from '@meridian/kubesim';
import { begin, startFaultyWorld, within } from './faulty-world.ts';
import type { FaultyWorld } from './faulty-world.ts';
import { rowOf } from './row.ts';
import type { FaultRow } from './row.ts';
import { comingsAndGoings, dataIn, firstCommit, secondCommit, secondData, tally } from './two-commits.ts';

/** Something that an API server does to every request of an agent. */
export interface ApiFault {
  readonly name: string;
  readonly fault: Fault;
  /**
   * How long a request that has met it may hang once the fault is taken away, until the agent's client gives it up. It meets the
   * fault until then, so the goal is as much later.
   */
  readonly hangsMs?: number;
}

/** The client of an agent gives a request up after this (`libs/kube`, transport). */
const givenUpMs = 30_000;
/** How often an agent may ask a server that is overloaded, per second. */
const mostPerSecond = 1;
const convergedSeconds = 30;
/** What was on its way when the first refusal came is counted apart: 16 calls of the limiter, and a few of watches and tries. */
const burstMs = 2_000;
const mostInBurst = 24;
const patienceMs = 180_000;

/** Faults of F12: refusals, hanging, slowness and cuts. */
export const apiFaults: readonly ApiFault[] = [
  { name: '429, Retry-After 1 s', fault: { kind: 'refuse', code: 429, retryAfterSeconds: 1 } },
  { name: '500', fault: { kind: 'refuse', code: 500 } },
  { name: '503', fault: { kind: 'refuse', code: 503 } },
  { name: '504', fault: { kind: 'refuse', code: 504 } },
  { name: 'no answer', fault: { kind: 'delay', delayMs: 600_000 }, hangsMs: givenUpMs },
  { name: 'slow by 30 s', fault: { kind: 'delay', delayMs: 30_000 }, hangsMs: givenUpMs },
  { name: 'slow by 25 s', fault: { kind: 'delay', delayMs: 25_000 }, hangsMs: 25_000 },
  { name: 'reset before the answer', fault: { kind: 'drop', when: 'after' } },
  { name: 'reset mid-body', fault: { kind: 'truncate', afterBytes: 20 } },
];

/**
 * Publishes a commit to an agent whose API server misbehaves for `seconds`, and measures how long after the end all is as git
 * says, and what was lost or made twice; of 429 also how often it was asked meanwhile.
 */
export async function measureApiFault(
  { name, fault, hangsMs = 0 }: ApiFault,
  seconds: number,
  signal: AbortSignal,
): Promise<readonly FaultRow[]> {
  await using world = await startFaultyWorld(signal);
  await begin(world, firstCommit);
  const told = await tally(world.kube, world.namespace, signal);
  const broken = world.break(fault);
  const generation = await world.give(secondCommit);
  const asked = await askedDuring(broken, seconds, signal);
  if (broken.count === 0) throw new Error('no request of the agent has met the fault');
  broken.remove();
  const endedAtMs = performance.now();
  const convergedAtMs = await within(patienceMs, signal, () => atAsGitSays(world, generation));
  const seen = await told('DELETED goes').catch(() => []);
  const data = await dataIn(world.kube, world.namespace, signal);
  const row = (figure: string, value: number | undefined, unit: string, goal: number) =>
    rowOf({ fault: name, figure, value, unit, goal });
  const afterMs = convergedAtMs === undefined ? undefined : convergedAtMs - endedAtMs;
  const isOverload = fault.kind === 'refuse' && fault.code === 429;
  return [
    ...(isOverload
      ? [
          row('requests in the first 2 s', asked.first, 'requests', mostInBurst),
          row('requests after these', asked.later / seconds, 'per s', mostPerSecond),
        ]
      : []),
    row('end of the fault → all as in git', secondsOf(afterMs), 's', convergedSeconds + hangsMs / 1_000),
    row('objects lost, wrong or made twice', wrong(data, seen), 'objects', 0),
  ];
}

const secondsOf = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000);

/** How often a fault was met in the first two seconds, and in the `seconds` after these. */
async function askedDuring(broken: FaultHandle, seconds: number, signal: AbortSignal) {
  await within(10_000, signal, () => (broken.count > 0 ? true : undefined));
  await delay(burstMs, undefined, { signal });
  const first = broken.count;
  await delay(seconds * 1_000, undefined, { signal });
  return { first, later: broken.count - first };
}

async function atAsGitSays(world: FaultyWorld, generation: number): Promise<number | undefined> {
  if (!world.isDoneAt(generation)) return undefined;
  const atMs = performance.now();
  const data = await dataIn(world.kube, world.namespace, world.signal);
  return differing(data) === 0 ? atMs : undefined;
}

function wrong(data: { readonly [name: string]: unknown }, seen: readonly string[]): number {
  const unexpected = [...seen];
  for (const expected of comingsAndGoings) {
    const at = unexpected.indexOf(expected);
    if (at >= 0) unexpected.splice(at, 1);
  }
  return differing(data) + unexpected.length;
}

function differing(data: { readonly [name: string]: unknown }): number {
  const names = new Set([...Object.keys(data), ...Object.keys(secondData)]);
  return [...names].filter((name) => JSON.stringify(data[name]) !== JSON.stringify(secondData[name])).length;
}
