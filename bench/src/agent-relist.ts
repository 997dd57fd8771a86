import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@meridian/testkit';
import { agentPid, commitToLive } from './agent-rig.ts';
import type { AgentRig } from './agent-rig.ts';
import { rounded } from './figure.ts';
import type { Figure } from './figure.ts';
import { settled } from './fleet-commits.ts';
import { peakMb, residentMb } from './resident-memory.ts';
import { sampleObjects } from './sample-objects.ts';

const applications = 10;
const objectsEach = 1_000;
const windowMs = 3_000;

/**
 * An agent that starts over 10,000 objects of its own: all of them are listed and compared, and none is written. Its memory, and
 * how long its event loop is held up. Each look at its metrics begins a new window, so it starts twice: for the worst window, and
 * for the whole time.
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
  rig.context.progress('the agent starts over 10,000 objects');
  const pid = await startAgain(rig);
  const worst: Lag = { p99Ms: 0, maxMs: 0 };
  const startedMs = performance.now();
  await until(
    'it has gone through all of them',
    async () => {
      await sleep(windowMs);
      const text = await metrics(rig);
      const { p99Ms, maxMs } = lagOf(text);
      worst.p99Ms = Math.max(worst.p99Ms, p99Ms);
      worst.maxMs = Math.max(worst.maxMs, maxMs);
      return namespaces.every((name) => wasReconciled(text, name)) || undefined;
    },
    300_000,
  );
  const tookMs = performance.now() - startedMs;
  await settled(rig.fleet);
  const peak = peakMb(pid);
  rig.context.progress('the agent starts over 10,000 objects once more');
  await startAgain(rig);
  await sleep(tookMs);
  const whole = lagOf(await metrics(rig));
  await settled(rig.fleet);
  const figure = (name: string, value: number, unit: string): Figure => ({
    bench: 'agent',
    figure: name,
    value: rounded(value),
    unit,
    n: 1,
  });
  return [
    figure('agent RSS with 10,000 objects', resident, 'MB'),
    figure('agent peak RSS when it starts over 10,000 objects', peak, 'MB'),
    figure('event loop lag of the agent meanwhile, p99', whole.p99Ms, 'ms'),
    figure('event loop lag of the agent meanwhile, p99 of the worst 3 s', worst.p99Ms, 'ms'),
    figure('event loop lag of the agent meanwhile, longest', Math.max(worst.maxMs, whole.maxMs), 'ms'),
  ];
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
  p99Ms: number;
  maxMs: number;
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

function wasReconciled(text: string, application: string): boolean {
  return text.includes(`meridian_agent_reconcile_seconds_count{application="${application}"}`);
}
