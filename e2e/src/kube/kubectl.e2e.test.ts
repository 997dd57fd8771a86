import { startSimServer } from '@meridian/kubesim';
import { createNodes, gpuNodes, startControlPlane, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl, openTerminal, playSession, watchKubectl } from './kubectl/kubectl.ts';
import type { Terminal } from './kubectl/kubectl.ts';
import { runningSessions } from './kubectl/running-sessions.ts';
import { bareSessions } from './kubectl/sessions.ts';

// What a person sees who works with kubectl must be the same on a real cluster and on kubesim.
const nodes = gpuNodes('k', 2);

class Pair implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #servers: { readonly kubeconfig: string; readonly dir: string }[] = [];

  /** Starts a real and a simulated API server; `whole` ones have nodes and controllers. */
  async start(whole: boolean): Promise<void> {
    const [first = '', second = ''] = [await tempDir('kubectl-real'), await tempDir('kubectl-simulated')].map(
      (dir) => this.#resources.use(dir).path,
    );
    const real = { name: 'k', dir: first, durable: false, ...(whole ? { nodes } : { minimal: true }) };
    const plane = this.#resources.use(await startControlPlane(real));
    const simulated = this.#resources.use(
      await startSimServer({ name: 'k', dir: second, controllers: whole }),
    );
    if (whole) await createNodes(simulated, nodes);
    this.#servers.push({ kubeconfig: plane.kubeconfig, dir: first });
    this.#servers.push({ kubeconfig: simulated.kubeconfig, dir: second });
  }

  terminals(namespace: string): Promise<Terminal[]> {
    return Promise.all(this.#servers.map((server) => openTerminal(server, namespace)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

describe('on an API server alone', () => {
  const pair = new Pair();
  beforeAll(() => pair.start(false));
  afterAll(() => pair[Symbol.asyncDispose]());

  it.each(numbered(bareSessions))('kubectl shows the same: $title', (session) => play(pair, session));

  it.each([
    ['configmaps -n watch-0 --watch --output-watch-events', 6],
    ['deployments -n watch-1 --watch -o name', 4],
    ['configmaps -n watch-2 -l tier=front --watch --output-watch-events', 4],
    ['configmaps,deployments -n watch-3 --watch', 1],
  ] as const)('kubectl get %s shows changes as they come', async (line, due) => {
    const namespace = /watch-\d/.exec(line)?.[0] ?? '';
    const [real, simulated] = await Promise.all(
      (await pair.terminals(namespace)).map(async (terminal) => {
        for (const step of before) await kubectl(terminal, `${step} -n ${namespace}`);
        const watching = watchKubectl(terminal, `get ${line}`);
        await watching.shows('before');
        for (const step of changes) await kubectl(terminal, `${step} -n ${namespace}`);
        return watching.stop(due);
      }),
    );
    expect(simulated).toEqual(real);
  });
});

describe('on a whole cluster', () => {
  const pair = new Pair();
  beforeAll(() => pair.start(true));
  afterAll(() => pair[Symbol.asyncDispose]());

  it.each(numbered(runningSessions))('kubectl shows the same: $title', (session) => play(pair, session));
});

/** What is there when a watch begins, so that its first lines tell that it is open. */
const before = [
  'create configmap before --from-literal model=llama',
  'label configmap before tier=front',
  'create deployment before --image nginx',
];

/** What happens while somebody watches. */
const changes = [
  'create configmap settings --from-literal model=llama',
  'label configmap settings tier=front',
  'apply -f web.yaml',
  'scale deployment web --replicas 3',
  'label configmap settings tier-',
  'delete configmap settings',
  'delete deployment web',
];

interface NumberedSession {
  readonly lines: readonly string[];
  readonly namespace: string;
}

function numbered<T>(sessions: readonly T[]): readonly (T & { readonly namespace: string })[] {
  return sessions.map((session, index) => ({ ...session, namespace: `session-${String(index)}` }));
}

async function play(pair: Pair, { lines, namespace }: NumberedSession): Promise<void> {
  await playSession(
    await pair.terminals(namespace),
    lines.map((line) => line.replaceAll('NS', namespace)),
    (line, [real, simulated]) => expect({ line, ...simulated }).toEqual({ line, ...real }),
  );
}
