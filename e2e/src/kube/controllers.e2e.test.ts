import { isDeepStrictEqual } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { startSimServer } from '@meridian/kubesim';
import { createNodes, gpuNodes, startControlPlane, tempDir, waitForNodes } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Body } from './body.ts';
import { differenceOf } from './difference.ts';
import { connectHttp } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { scripts } from './outcomes/index.ts';
import type { Script } from './outcomes/script.ts';
import { snapshotOf } from './outcomes/snapshot.ts';
import type { Snapshot } from './outcomes/snapshot.ts';
import { openStage } from './outcomes/stage.ts';
import type { Stage } from './outcomes/stage.ts';
import { Replays, tellReplays } from './replays.ts';

// What runs inside of a simulated cluster must bring it to where the real controllers bring a real one. The same scripts are
// played on both, and after each step everything that they see must come to be the same. A script that differs by chance is played
// again; few may.
//
// Not compared: times, names and hashes that are made up, which of two equal nodes a pod is on, what kubelets tell of
// containers beyond readiness, restarts and the reason of their state (kwok plays them on the real side), events of kubelets,
// how often an event happened, in how many steps a replica set was scaled, and when endpoints changed. Nodes that are not heard of,
// provisioned volumes, pods that wait for configuration and what autoscalers make of a load have no counterpart on the real side,
// where no kubelet runs and nothing serves metrics, and are left to unit tests.
const clients: HttpClient[] = [];
const resources = new AsyncDisposableStack();
const replays = new Replays(3);

/** How long what is seen on two clusters may take to become the same. */
const settleMs = 15_000;

beforeAll(async () => {
  const [real, simulated] = [await tempDir('controllers-real'), await tempDir('controllers-simulated')].map(
    (dir) => resources.use(dir).path,
  );
  const nodes = gpuNodes('c', 2);
  const plane = resources.use(await startControlPlane({ name: 'c', dir: real ?? '', durable: false, nodes }));
  const server = resources.use(await startSimServer({ name: 'c', dir: simulated ?? '', controllers: true }));
  await createNodes(server, nodes);
  await waitForNodes(server, nodes, AbortSignal.timeout(10_000));
  clients.push(connectHttp(plane), connectHttp(server));
});

afterAll(async () => {
  clients.forEach((client) => client.close());
  await resources.disposeAsync();
});

let count = 0;

describe.each(Object.entries(scripts))('%s', (group, played) => {
  const play = group === 'nodes' ? it : it.concurrent;
  play.each([...played])('$title', async (script) => {
    count += 1;
    await replays.play(script.title, `script-${String(count)}`, (namespace) => perform(script, namespace));
  });
});

it('few scripts had to be played again', () => tellReplays(replays));

async function perform(script: Script, namespace: string): Promise<void> {
  const stages = await Promise.all(clients.map((client) => openStage(client, namespace)));
  try {
    for (const [index, step] of script.steps.entries()) {
      await Promise.all(
        stages.map(async (stage) => {
          await step.does(stage);
          await step.until?.(stage);
        }),
      );
      await expectSame(script, stages, index);
    }
  } finally {
    await Promise.all(stages.map((stage) => stage.send('DELETE', `/api/v1/namespaces/${namespace}`)));
  }
}

/** Looks at all clusters until they are the same. */
async function expectSame(script: Script, stages: readonly Stage[], step: number): Promise<void> {
  const giveUpAt = performance.now() + settleMs;
  for (;;) {
    const [real, simulated] = await Promise.all(stages.map((stage) => seen(script, stage)));
    if (isDeepStrictEqual(simulated, real)) return;
    const difference = `after step ${String(step)}: ${String(differenceOf(simulated, real))}`;
    if (performance.now() > giveUpAt) expect(simulated, difference).toEqual(real);
    await wait(150);
  }
}

async function seen(script: Script, stage: Stage): Promise<Snapshot> {
  return snapshotOf(
    await lists(stage, script.sees),
    await lists(stage, ['replicasets', 'controllerrevisions']),
  );
}

async function lists(stage: Stage, names: readonly string[]): Promise<Record<string, Body[]>> {
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await stage.list(name)] as const)),
  );
}
