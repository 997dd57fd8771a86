import { setTimeout as delay } from 'node:timers/promises';
import { connectKube } from '@meridian/kube';
import type { Kube } from '@meridian/kube';
import { startSimServer } from '@meridian/kubesim';
import type { Fault, FaultHandle, FaultMatch, FaultRule } from '@meridian/kubesim';
import type { KubeObject } from '@meridian/manifests';
import { tempDir } from '@meridian/testkit';
import { createHandHub, startTestAgent } from '../testing/rig.ts';
import { isDone } from '../testing/world.ts';

/** An agent on a simulated API server of its own, and an onlooker that meets none of the faults. */
export interface FaultyWorld extends AsyncDisposable {
  readonly namespace: string;
  readonly kube: Kube;
  readonly signal: AbortSignal;
  /** What happens to requests of the agent. */
  break(fault: Fault, match?: FaultMatch, limits?: Pick<FaultRule, 'count'>): FaultHandle;
  /** Publishes; gives the generation. */
  give(objects: readonly KubeObject[]): Promise<number>;
  isDoneAt(generation: number): boolean;
  /** Monotonic time at which drift of an object was last told since then, once it is. */
  toldAtMs(name: string, sinceMs: number): number | undefined;
}

const cluster = 'faulty';
/** What the client of an agent that a test starts calls itself. */
const agentName = 'meridian-test';

/** Starts both. Everything is gone when it is disposed of. */
export async function startFaultyWorld(signal: AbortSignal): Promise<FaultyWorld> {
  signal.throwIfAborted();
  const stack = new AsyncDisposableStack();
  try {
    const dir = stack.use(await tempDir('agent-faults'));
    const server = stack.use(await startSimServer({ name: cluster, dir: `${dir.path}/server` }));
    const kube = await connectKube({ kubeconfigPath: server.kubeconfig, userAgent: 'onlooker' });
    stack.defer(() => kube.close());
    const namespace = 'web';
    const hub = createHandHub(cluster, namespace);
    const told: { readonly atMs: number; readonly message: string }[] = [];
    const agent = stack.use(
      await startTestAgent({
        cluster,
        kubeconfig: server.kubeconfig,
        dataDir: `${dir.path}/data`,
        stateNamespace: `${namespace}-state`,
        publicKey: hub.publicKey,
        outbox: {
          application: () => undefined,
          event: ({ type, message }) => {
            if (type === 'drift.seen') told.push({ atMs: performance.now(), message });
          },
        },
      }),
    );
    const kept = stack.move();
    return {
      namespace,
      kube,
      signal,
      break: (fault, match = {}, limits = {}) =>
        server.faults.add({ match: { userAgents: [agentName], ...match }, fault, ...limits }),
      async give(objects) {
        const signed = hub.sign('web', objects, { allowedDeletions: 9 });
        await agent.give('web', signed);
        return signed.generation;
      },
      isDoneAt(generation) {
        const status = agent.status('web');
        return status?.generation === generation && isDone(status);
      },
      toldAtMs: (name, sinceMs) =>
        told.find(({ atMs, message }) => atMs >= sinceMs && message.includes(`/${name} was `))?.atMs,
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Waits for a condition; gives its value, or undefined when `patienceMs` are over. Rejects when the signal aborts. */
export async function within<T>(
  patienceMs: number,
  signal: AbortSignal,
  condition: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  const limitMs = performance.now() + patienceMs;
  for (;;) {
    const found = await condition();
    if (found !== undefined || performance.now() >= limitMs) return found;
    await delay(20, undefined, { signal });
  }
}

/** Publishes what a story begins with and waits until it is in place. */
export async function begin(world: FaultyWorld, objects: readonly KubeObject[]): Promise<void> {
  const generation = await world.give(objects);
  const isDone = await within(60_000, world.signal, () => world.isDoneAt(generation) || undefined);
  if (!isDone) throw new Error('the agent has not put the first commit in place within a minute');
}
