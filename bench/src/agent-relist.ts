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
 * An agent that starts over 10,000 objects of its own: all of them are listed, compared and applied again, which is more than
 * a list that a lost watch asks for. Its memory, and how long its event loop is held up.
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
  const before = agentPid(rig);
  const resident = residentMb(before);
  rig.context.progress('the agent starts over 10,000 objects');
  process.kill(before, 'SIGKILL');
  const pid = await until('there is another agent', async () => {
    const now = agentPid(rig);
    return now === before ? undefined : now;
  });
  let lag = 0;
  await until(
    'it has gone through all of them',
    async () => {
      // Each look begins a new window.
      await new Promise((resolve) => setTimeout(resolve, windowMs));
      const text = await metrics(rig);
      lag = Math.max(lag, lagMs(text));
      return namespaces.every((name) => wasReconciled(text, name)) || undefined;
    },
    300_000,
  );
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
    figure('agent peak RSS when it starts over 10,000 objects', peakMb(pid), 'MB'),
    figure('event loop lag of the agent meanwhile, p99 of the worst 3 s', lag, 'ms'),
  ];
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

/** The 99th percentile since the agent was last asked. */
function lagMs(text: string): number {
  const seconds = /^nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  if (seconds === undefined) throw new Error('the agent tells no lag of its event loop');
  return Number(seconds) * 1_000;
}

function wasReconciled(text: string, application: string): boolean {
  return text.includes(`meridian_agent_reconcile_seconds_count{application="${application}"}`);
}
