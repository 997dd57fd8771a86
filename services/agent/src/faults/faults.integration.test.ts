import type { Kube } from '@meridian/kube';
import { startSimServer } from '@meridian/kubesim';
import type { Fault, FaultHandle, FaultMatch, SimServer } from '@meridian/kubesim';
import type { KubeObject } from '@meridian/manifests';
import { tempDir } from '@meridian/testkit';
import type { TempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, connectTestKube, createHandHub, startTestAgent, until } from '../testing/rig.ts';
import type { HandHub, TestAgent } from '../testing/rig.ts';
import { isDone } from '../testing/world.ts';
import { comingsAndGoings, dataIn, firstCommit, secondCommit, secondData, tally } from './two-commits.ts';

const { signal } = new AbortController();
/** How many calls the agent has in flight at most, see `createLimiter` in the rig. */
const inFlight = 16;

let dir: TempDir;
let server: SimServer;
let kube: Kube;
let count = 0;

// Only simulated clusters can be asked to misbehave; the agent is the real one, with the real client.
beforeAll(async () => {
  dir = await tempDir('agent-faults');
  server = await startSimServer({ name: 'faulty', dir: `${dir.path}/server` });
  kube = await connectTestKube(server.kubeconfig);
});

afterAll(async () => {
  kube?.close();
  await server?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

interface Story extends AsyncDisposable {
  readonly agent: TestAgent;
  readonly hub: HandHub;
  readonly namespace: string;
  /** What happens to calls about ConfigMaps of this story. */
  break(fault: Fault, match?: FaultMatch): FaultHandle;
  give(objects: readonly KubeObject[]): Promise<void>;
  isDoneAt(generation: number): Promise<unknown>;
  data(): Promise<{ readonly [name: string]: unknown }>;
}

async function startStory(): Promise<Story> {
  count += 1;
  const namespace = `faults-${count}`;
  const hub = createHandHub('faulty', namespace);
  const agent = await startTestAgent({
    cluster: 'faulty',
    kubeconfig: server.kubeconfig,
    dataDir: `${dir.path}/data-${count}`,
    stateNamespace: `${namespace}-state`,
    publicKey: hub.publicKey,
  });
  return {
    agent,
    hub,
    namespace,
    break: (fault, match = {}) =>
      server.faults.add({ match: { resources: ['configmaps'], namespaces: [namespace], ...match }, fault }),
    give: async (objects) =>
      void (await agent.give('web', hub.sign('web', objects, { allowedDeletions: 9 }))),
    isDoneAt: (generation) =>
      agent.reaches('web', `is done at ${generation}`, (status) => {
        return status.generation === generation && isDone(status);
      }),
    data: () => dataIn(kube, namespace, signal),
    [Symbol.asyncDispose]: () => agent.stop(),
  };
}

const writes: FaultMatch = { verbs: ['create', 'patch', 'update', 'delete'] };

describe('an API server that misbehaves', () => {
  it.each<[string, Fault]>([
    ['answers 500', { kind: 'refuse', code: 500 }],
    ['answers 503', { kind: 'refuse', code: 503 }],
    ['answers 504', { kind: 'refuse', code: 504 }],
    ['resets the connection before it has looked at a request', { kind: 'drop', when: 'before' }],
    ['resets the connection after it has done what was asked', { kind: 'drop', when: 'after' }],
    ['resets the connection in the middle of its answer', { kind: 'truncate', afterBytes: 20 }],
  ])('and %s loses no object, gets none twice, and has all of it once it is well', async (_what, fault) => {
    await using story = await startStory();
    await story.give(firstCommit);
    await story.isDoneAt(1);
    const told = await tally(kube, story.namespace, signal);
    const broken = story.break(fault, writes);
    await story.give(secondCommit);
    const failed = await story.agent.reaches('web', 'says so', ({ sync }) => sync === 'Failed');
    expect(failed.message).toContain(`ConfigMap ${story.namespace}/c10: `);
    broken.remove();
    await story.isDoneAt(2);
    expect(await story.data()).toEqual(secondData);
    expect(await told('DELETED goes')).toEqual(comingsAndGoings);
  });

  it('and answers 429 hears once in the time that it asked for, however much there is to write, and has all of it soon after', async () => {
    await using story = await startStory();
    await story.give(firstCommit);
    await story.isDoneAt(1);
    const told = await tally(kube, story.namespace, signal);
    const broken = story.break({ kind: 'refuse', code: 429, retryAfterSeconds: 1 }, writes);
    await story.give(secondCommit);
    const failed = await story.agent.reaches('web', 'says so', ({ sync }) => sync === 'Failed');
    expect(failed.message).toContain(`ConfigMap ${story.namespace}/c`);
    expect(failed.message).toContain('429');
    const [startedAt, before] = [performance.now(), broken.count];
    await until('it was asked a few times', () => broken.count >= before + 4);
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(before, 'what was on its way, and a try').toBeLessThanOrEqual(inFlight + 8);
    expect(broken.count - before, 'tries').toBeLessThanOrEqual(seconds + 1);
    broken.remove();
    await story.isDoneAt(2);
    expect(await story.data()).toEqual(secondData);
    expect(await told('DELETED goes')).toEqual(comingsAndGoings);
  });

  it('and is slow is waited for, and no object is written twice for that', async () => {
    await using story = await startStory();
    await story.give(firstCommit);
    await story.isDoneAt(1);
    const told = await tally(kube, story.namespace, signal);
    const slow = story.break({ kind: 'delay', delayMs: 1_500, jitterMs: 1_000 }, writes);
    await story.give(secondCommit);
    await story.isDoneAt(2);
    expect(slow.count).toBe(secondCommit.length + 1);
    expect(await story.data()).toEqual(secondData);
    expect(await told('DELETED goes')).toEqual(comingsAndGoings);
    slow.remove();
  });

  it('and refuses one call in three has all of it in the end, through three commits', async () => {
    await using story = await startStory();
    const shaky = server.faults.add({
      match: { namespaces: [story.namespace], userAgents: ['meridian-test'] },
      percent: 33,
      fault: { kind: 'drop', when: 'after' },
    });
    await story.give(firstCommit);
    await story.give(secondCommit);
    await story.give(firstCommit);
    await story.isDoneAt(3);
    expect(shaky.count).toBeGreaterThan(0);
    shaky.remove();
    expect(Object.keys(await story.data()).sort()).toEqual(firstCommit.map(({ metadata }) => metadata.name));
  });
});

describe('a watch that goes wrong', () => {
  const watches: FaultMatch = { verbs: ['watch'], userAgents: ['meridian-test'] };

  async function edit(story: Story, name: string): Promise<void> {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: story.namespace, name };
    const patch = { data: { key: 'edited' } };
    await kube.patch(ref, { type: 'merge', patch }, { fieldManager: 'kubectl-edit', signal });
  }

  const isHealed = (story: Story, name: string) =>
    until(`${name} is healed`, async () => {
      const data = (await story.data())[name];
      return JSON.stringify(data) === '{"key":"value"}';
    });

  it.each<[string, Fault]>([
    ['an ERROR event that says 410 Gone', { kind: 'failWatch', code: 410 }],
    ['an ERROR event that says 500', { kind: 'failWatch', code: 500 }],
    ['its end after each event', { kind: 'dropWatch', how: 'end', afterEvents: 1 }],
    ['a cut connection', { kind: 'dropWatch', how: 'cut' }],
    ['a line of JSON that is cut in two', { kind: 'truncate', afterBytes: 700 }],
    ['versions that are too old by the time they are asked for', { kind: 'expire' }],
  ])('by %s costs no drift: what is edited then and after it is healed', async (_what, fault) => {
    await using story = await startStory();
    await story.give([configMap('a'), configMap('b'), configMap('c')]);
    await story.isDoneAt(1);
    const cut = server.faults.add({ match: watches, fault, count: 3 });
    const end = server.faults.add({ match: watches, fault: { kind: 'dropWatch', how: 'end' }, count: 1 });
    await edit(story, 'a');
    await isHealed(story, 'a');
    await edit(story, 'b');
    await isHealed(story, 'b');
    cut.remove();
    end.remove();
    await edit(story, 'c');
    await isHealed(story, 'c');
    expect(await story.data()).toEqual({ a: { key: 'value' }, b: { key: 'value' }, c: { key: 'value' } });
    expect(story.agent.events.filter(({ type }) => type === 'objects.pruned')).toEqual([]);
  });
});
