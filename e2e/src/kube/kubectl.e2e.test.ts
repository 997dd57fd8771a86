import { startSimServer } from '@meridian/kubesim';
import { createNodes, gpuNodes, startControlPlane, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differenceOf } from './difference.ts';
import { kubectl, openTerminal, playSession, watchKubectl } from './kubectl/kubectl.ts';
import type { Shown, Terminal } from './kubectl/kubectl.ts';
import { runningSessions } from './kubectl/running-sessions.ts';
import { bareSessions } from './kubectl/sessions.ts';
import type { KubectlSession } from './kubectl/sessions.ts';
import { Replays, tellReplays } from './replays.ts';

// What a person sees who works with kubectl must be the same on a real cluster and on kubesim. A sitting that differs by chance is
// played again; few may.
const nodes = gpuNodes('k', 2);
const replays = new Replays(3);

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
    ['configmaps --watch --output-watch-events', 6],
    ['deployments --watch -o name', 4],
    ['configmaps -l tier=front --watch --output-watch-events', 4],
    ['configmaps,deployments --watch', 1],
  ] as const)('kubectl get %s shows changes as they come', async (line, due) => {
    watched += 1;
    await replays.play(line, `watch-${String(watched)}`, async (namespace) => {
      const [real, simulated] = await Promise.all(
        (await pair.terminals(namespace)).map((terminal) =>
          shownMeanwhile(terminal, { namespace, line, due }),
        ),
      );
      expect(simulated, line).toEqual(real);
    });
  });
});

describe('on a whole cluster', () => {
  const pair = new Pair();
  beforeAll(() => pair.start(true));
  afterAll(() => pair[Symbol.asyncDispose]());

  it.each(numbered(runningSessions))('kubectl shows the same: $title', (session) => play(pair, session));
});

it('few sittings had to be played again', () => tellReplays(replays));

let watched = 0;

/** What `get --watch` shows in so many lines while things change. */
async function shownMeanwhile(
  terminal: Terminal,
  { namespace, line, due }: { readonly namespace: string; readonly line: string; readonly due: number },
): Promise<Shown> {
  for (const step of before) await kubectl(terminal, `${step} -n ${namespace}`);
  const watching = watchKubectl(terminal, `get ${line} -n ${namespace}`);
  await watching.shows('before');
  for (const step of changes) await kubectl(terminal, `${step} -n ${namespace}`);
  return watching.stop(due);
}

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

interface NumberedSession extends KubectlSession {
  readonly namespace: string;
}

function numbered<T>(sessions: readonly T[]): readonly (T & { readonly namespace: string })[] {
  return sessions.map((session, index) => ({ ...session, namespace: `session-${String(index)}` }));
}

async function play(pair: Pair, { title, lines, namespace: first }: NumberedSession): Promise<void> {
  await replays.play(title, first, async (namespace) =>
    playSession(
      await pair.terminals(namespace),
      lines.map((line) => line.replaceAll('NS', namespace)),
      (line, [real, simulated]) => {
        expect(simulated, `${line}: ${String(differenceOf(simulated, real))}`).toEqual(real);
      },
    ),
  );
}
