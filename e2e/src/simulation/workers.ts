import { Worker } from 'node:worker_threads';
import type { Outcome } from './world.ts';

/** Seeds from `from` up to and without `to`. */
export interface Task {
  readonly from: number;
  readonly to: number;
}

/** What a thread is made for. */
export interface WorkerTask {
  readonly mutant: string | undefined;
  readonly focus: string | undefined;
  readonly isTold: boolean;
}

/** How seeds are lived through. */
export interface SeedsOptions extends Task {
  readonly workers: number;
  readonly mutant?: string;
  /** What the worlds are mostly about; without it what the mutant says. */
  readonly focus?: string;
  readonly signal?: AbortSignal;
  /** Called with each batch that is done. */
  readonly progress?: (outcomes: readonly Outcome[]) => void;
  readonly tell?: (atMs: number, text: string) => void;
}

const batch = 25;

/** Lives through the worlds of many seeds, in threads, until one is wrong. Gives the first wrong one by seed, if any. */
export async function runSeeds(options: SeedsOptions): Promise<Outcome | undefined> {
  const { from, to, signal } = options;
  let next = from;
  let wrong: Outcome | undefined;
  const take = (): Task | undefined => {
    if (next >= to || signal?.aborted === true || (wrong && wrong.seed < next)) return undefined;
    const task = { from: next, to: Math.min(to, next + batch) };
    next = task.to;
    return task;
  };
  const done = (outcomes: readonly Outcome[]) => {
    options.progress?.(outcomes);
    const found = outcomes.find(({ violation }) => violation);
    if (found && (!wrong || found.seed < wrong.seed)) wrong = found;
  };
  await Promise.all(Array.from({ length: options.workers }, () => runWorker(options, take, done)));
  return wrong;
}

type Message =
  | { readonly kind: 'done'; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'told'; readonly atMs: number; readonly text: string };

function runWorker(
  { mutant, focus, tell }: SeedsOptions,
  take: () => Task | undefined,
  done: (outcomes: readonly Outcome[]) => void,
): Promise<void> {
  const first = take();
  if (!first) return Promise.resolve();
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { mutant, focus, isTold: tell !== undefined } satisfies WorkerTask,
    // Worlds make much that is soon forgotten.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  return new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
    worker.on('message', (message: Message) => {
      if (message.kind === 'told') return tell?.(message.atMs, message.text);
      done(message.outcomes);
      const task = take();
      if (task) worker.postMessage(task);
      else void worker.terminate();
    });
    worker.postMessage(first);
  });
}
