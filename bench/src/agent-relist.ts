import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationView } from '@meridian/fleet';
import { until } from '@meridian/testkit';
import { agentPid, commitToLive } from './agent-rig.ts';
import type { AgentRig } from './agent-rig.ts';
import { rounded } from './figure.ts';
import type { Figure } from './figure.ts';
import { settled } from './fleet-commits.ts';
import { peakMb, residentMb } from './resident-memory.ts';
import { sendText } from './kube-watch.ts';
import { sampleObjects } from './sample-objects.ts';

const applications = 10;
const objectsEach = 1_000;
/** Of the sample objects, how many of ten are ConfigMaps. */
const configMaps = applications * objectsEach * 0.6;
/** The page of the agent's lists. */
const pageSize = 250;
const starts = 3;

/**
 * 10,000 objects of one agent. It lists all of them anew when the API server was killed: what its watches ask for is too old for
 * the cache of the next one. And it starts over them: all are listed and compared, and none is written. Its memory, and how long
 * its event loop is held up meanwhile. Each look at its metrics begins a new window.
 */
export async function relistFigures(rig: AgentRig): Promise<readonly Figure[]> {
  rig.context.progress('10,000 objects');
  const namespaces = Array.from({ length: applications }, (_, index) => `large-${index}`);
  const declared = namespaces.map((namespace) => ({
    application: namespace,
    objects: sampleObjects(objectsEach, { version: 1, namespace }),
  }));
  await commitToLive(rig, declared, { version: 1, count: applications * objectsEach, namespaces });
  await settled(rig.fleet);
  const resident = residentMb(agentPid(rig));
  // Once: whether a second kill makes watches too old as well depends on what was written in between.
  const relists = await lagsOf(rig, 1, () => relist(rig));
  const relistPeak = peakMb(agentPid(rig));
  const begun = await lagsOf(rig, starts, () => start(rig, namespaces));
  const startPeak = peakMb(agentPid(rig));
  return [
    figure('agent RSS with 10,000 objects', resident, 'MB'),
    figure('agent peak RSS until it has listed 10,000 objects anew', relistPeak, 'MB'),
    ...lagFigures('event loop lag of the agent while it lists 10,000 objects anew', relists),
    figure('agent peak RSS when it starts over 10,000 objects', startPeak, 'MB'),
    ...lagFigures('event loop lag of the agent while it starts over 10,000 objects', begun),
  ];
}

function figure(name: string, value: number, unit: string, n = 1): Figure {
  return { bench: 'agent', figure: name, value: rounded(value), unit, n };
}

/** The worst of all rounds: each has one p99 and one longest. */
function lagFigures(name: string, lags: readonly Lag[]): Figure[] {
  const worst = (of: (lag: Lag) => number) => Math.max(...lags.map(of));
  return [
    figure(
      `${name}, p99 (worst round)`,
      worst(({ p99Ms }) => p99Ms),
      'ms',
      lags.length,
    ),
    figure(
      `${name}, longest`,
      worst(({ maxMs }) => maxMs),
      'ms',
      lags.length,
    ),
  ];
}

/** How long each of some rounds held the event loop up, from its begin to its end. */
async function lagsOf(rig: AgentRig, rounds: number, round: () => Promise<void>): Promise<Lag[]> {
  const lags: Lag[] = [];
  while (lags.length < rounds) {
    await round();
    lags.push(lagOf(await metrics(rig)));
    await settled(rig.fleet);
  }
  return lags;
}

/** Kills the API server, and waits until the next one has been asked for all ConfigMaps of the agent. */
async function relist(rig: AgentRig): Promise<void> {
  rig.context.progress('the API server is killed');
  // Begins the window.
  await metrics(rig);
  const server = rig.fleet.file.processes.find(({ name }) => name.startsWith('kube-apiserver-'));
  if (!server) throw new Error('the fleet has no API server');
  process.kill(server.pid, 'SIGKILL');
  await until(
    'the agent has listed everything anew',
    async () => ((await listsOf(rig, 'configmaps')) * pageSize >= configMaps ? true : undefined),
    120_000,
  );
  await settled(rig.fleet);
}

/** How many lists of a resource an API server has answered since its start. */
async function listsOf({ server }: AgentRig, resource: string): Promise<number> {
  const text = await sendText(server, 'GET', '/metrics');
  const counts = text
    .split('\n')
    .filter((line) => line.startsWith('apiserver_request_total{'))
    .filter((line) => line.includes(`resource="${resource}"`) && line.includes('verb="LIST"'))
    .map((line) => Number(line.split(' ').at(-1)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Kills the agent, and waits until the next one has told of every application. */
async function start(rig: AgentRig, namespaces: readonly string[]): Promise<void> {
  rig.context.progress('the agent starts over 10,000 objects');
  const killedAtMs = Date.now();
  await startAgain(rig);
  await until('the agent has told of every application', async () => {
    await sleep(250);
    const views = await rig.fleet.api<ApplicationView[]>('/v1/applications');
    const told = views.filter(
      ({ name, placements }) =>
        namespaces.includes(name) &&
        placements.every(({ status }) => (status?.observedAtMs ?? 0) > killedAtMs),
    );
    return told.length === namespaces.length ? true : undefined;
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills the agent and gives the process of the next one. */
async function startAgain(rig: AgentRig): Promise<number> {
  const before = agentPid(rig);
  process.kill(before, 'SIGKILL');
  return until('there is another agent', async () => {
    const now = agentPid(rig);
    return now === before ? undefined : now;
  });
}

/** What the agent tells of itself. */
async function metrics({ fleet }: AgentRig): Promise<string> {
  const file = JSON.parse(readFileSync(join(fleet.data, 'sandbox.json'), 'utf8')) as {
    readonly metrics: { readonly [process: string]: string };
  };
  const [, url] = Object.entries(file.metrics).find(([name]) => name.startsWith('agent-')) ?? [];
  if (url === undefined) throw new Error('the sandbox names no metrics of an agent');
  return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text();
}

interface Lag {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Since the agent was last asked, or started. */
function lagOf(text: string): Lag {
  return { p99Ms: lagMs(text, 'p99'), maxMs: lagMs(text, 'max') };
}

function lagMs(text: string, which: string): number {
  const line = new RegExp(`^nodejs_eventloop_lag_${which}_seconds(?:\\{[^}]*\\})? (\\S+)$`, 'm');
  const seconds = line.exec(text)?.[1];
  if (seconds === undefined) throw new Error('the agent tells no lag of its event loop');
  return Number(seconds) * 1_000;
}
