import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { OverlayRendering } from './resolver-rendering.ts';
import type { FilesState, OverlaysSize } from './resolver-rendering.ts';
import type { ThreadPart } from './resolver-thread.ts';

/** How often everything is rendered with empty caches, and how often a line of the base is changed; a hub lives for long. */
const rounds = 5;

/** What rendering took, in seconds. */
export interface RenderingTimes {
  /** With empty caches: first by code that has just been loaded, then by code that has run. */
  readonly cold: readonly number[];
  /** All overlays after each change of the base, in their order. */
  readonly base: readonly number[];
  /** The same after changes of a line that every overlay is about. */
  readonly image: readonly number[];
  /** One overlay after a change of its own. */
  readonly overlay: number;
}

/** Renders everything on the thread of the caller. */
export async function timesAlone(size: OverlaysSize): Promise<RenderingTimes> {
  const rendering = new OverlayRendering(size, () => true);
  return timesOf((state) => {
    const tree = rendering.prepare(state);
    return Promise.resolve(secondsOf(() => Promise.resolve(rendering.render(tree, state))));
  });
}

/** Renders on so many threads of a process, each its part of the overlays. They run before the clock does, with empty caches. */
export async function timesOnThreads(size: OverlaysSize, parts: number): Promise<RenderingTimes> {
  const threads = Array.from({ length: parts }, (_, part) => {
    const workerData: ThreadPart = { ...size, part, parts };
    return new Worker(new URL('./resolver-thread.ts', import.meta.url), { workerData });
  });
  const tell = (message: FilesState | 'go'): Promise<unknown> =>
    Promise.all(
      threads.map((thread) => {
        const answered = once(thread, 'message');
        thread.postMessage(message);
        return answered;
      }),
    );
  try {
    return await timesOf(async (state) => {
      await tell(state);
      return secondsOf(() => tell('go'));
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

async function timesOf(render: (state: FilesState) => Promise<number>): Promise<RenderingTimes> {
  const cold: number[] = [];
  for (let round = 0; round < rounds; round += 1) cold.push(await render({ kind: 'first' }));
  const changes = async (kind: 'base changed' | 'image changed'): Promise<readonly number[]> => {
    const seconds: number[] = [];
    for (let times = 1; times <= rounds; times += 1) seconds.push(await render({ kind, times }));
    return seconds;
  };
  const base = await changes('base changed');
  const image = await changes('image changed');
  return { cold, base, image, overlay: await render({ kind: 'overlay changed', times: rounds }) };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
