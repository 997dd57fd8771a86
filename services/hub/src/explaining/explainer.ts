import { Worker } from 'node:worker_threads';
import type { ChartRequest, Explained } from '@meridian/kustomize';
import type { ChartContent, ChartRenderer } from '@meridian/rendering';
import { FaultError } from '@meridian/runtime';
import type { ExplainTask } from './explain-in-revision.ts';

/** Where the commits are, and how git is found. */
export interface ExplainerPlace {
  readonly dir: string;
  readonly path?: string | undefined;
  readonly home?: string | undefined;
}

/** What a thread says: a chart that it needs, to be answered by its output, or what it has found. */
export type ExplainMessage =
  | { readonly kind: 'chart'; readonly request: ChartRequest; readonly content: ChartContent }
  | { readonly kind: 'explained'; readonly explained: Explained };

/** What a thread starts with. */
export interface ThreadData extends ExplainerPlace {
  readonly task: ExplainTask;
}

/** Explains objects, one at a time. Throws FaultError `exhausted` when too many wait or it takes too long. */
export type Explainer = (task: ExplainTask, signal: AbortSignal) => Promise<Explained>;

const timeLimitMs = 30_000;
const memoryMb = 512;
const mostWaiting = 8;

/**
 * Explains in a thread that is there for one answer: people ask seldom, a build without caches keeps every version of
 * every object, and nothing of that should stay in the hub or hold up its event loop.
 */
export function createExplainer(place: ExplainerPlace, charts: ChartRenderer): Explainer {
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (task, signal) => {
    if (waiting >= mostWaiting)
      return Promise.reject(
        new FaultError('exhausted', `${waiting} others wait for explanations`, { retry: 'later' }),
      );
    waiting += 1;
    const answer = turn.then(() => explainInThread({ ...place, task }, charts, signal));
    turn = answer.catch(() => undefined).finally(() => (waiting -= 1));
    return answer;
  };
}

async function explainInThread(
  workerData: ThreadData,
  charts: ChartRenderer,
  signal: AbortSignal,
): Promise<Explained> {
  signal.throwIfAborted();
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]);
  const thread = new Worker(new URL('./thread-main.ts', import.meta.url), {
    workerData,
    name: 'explain',
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  try {
    renderFor(thread, { charts, application: workerData.task.application }, within);
    return await answerOf(thread, within);
  } catch (error) {
    signal.throwIfAborted();
    if (within.aborted) throw tooMuch(`longer than ${timeLimitMs / 1000} s`);
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      throw tooMuch(`more than ${memoryMb} MB of memory`);
    throw error;
  } finally {
    await thread.terminate();
  }
}

/** Gives a thread the outputs of charts that it asks for; a failure of the hub's own ends it. */
function renderFor(
  thread: Worker,
  { charts, application }: { readonly charts: ChartRenderer; readonly application: string },
  signal: AbortSignal,
): void {
  thread.on('message', (message: ExplainMessage) => {
    if (message.kind !== 'chart') return;
    const { request: chart, content } = message;
    void charts.render({ application, chart, contentOf: async () => content }, signal).then(
      (output) => thread.postMessage(output),
      (error: unknown) => thread.emit('error', error),
    );
  });
}

function answerOf(thread: Worker, signal: AbortSignal): Promise<Explained> {
  return new Promise((resolve, reject) => {
    thread.on('message', (message: ExplainMessage) => {
      if (message.kind === 'explained') resolve(message.explained);
    });
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread ended without an answer')));
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

function tooMuch(what: string): FaultError {
  return new FaultError('exhausted', `explaining takes ${what}`, { retry: 'never' });
}
