import { parentPort, workerData } from 'node:worker_threads';
import { BuildCache } from '@meridian/kustomize';
import type { ChartOutput } from '@meridian/kustomize';
import { KeptFiles } from './kept-files.ts';
import { KeptPolicies } from './kept-policies.ts';
import { sharedPlaces } from './messages.ts';
import type { ChartsMessage, TaskMessage, ThreadAnswer, ThreadData, ThreadMessage } from './messages.ts';
import { renderTask } from './render-task.ts';
import { watchMemory } from './thread-memory.ts';

// A rendering thread. One task at a time, in the order they came; the hub ends it from outside when one does not end.
const { shared } = workerData as ThreadData;
const places = new BigInt64Array(shared);
const charts = new Map<string, ChartOutput>();
const policies = new KeptPolicies();
const state = { files: new KeptFiles(), builds: new BuildCache(), charts, policies };
/** Messages are dealt with in their order, although one of them may have to wait. */
let turn = Promise.resolve();

// What is parsed and accumulated can be made again; that is slower, but a thread that ends loses it as well.
watchMemory(() => (state.builds = new BuildCache()));

parentPort?.on('message', (message: ThreadMessage) => {
  turn = turn.then(() => take(message));
});

function take(message: ThreadMessage): Promise<void> | void {
  if (message.kind === 'charts') return keepCharts(message);
  if (message.kind === 'policies') return policies.keep(message);
  if (message.kind === 'task') return carryOut(message);
  if (message.kind === 'forget all') for (const kept of [charts, policies]) kept.clear();
  state.files.take(message);
}

function carryOut(task: TaskMessage): void {
  if (Atomics.load(places, sharedPlaces.epoch) !== task.epoch) return;
  Atomics.store(places, sharedPlaces.startedNs, process.hrtime.bigint());
  const outcome = renderTask(state, task);
  Atomics.store(places, sharedPlaces.startedNs, 0n);
  const answer: ThreadAnswer = { task: task.task, outcome };
  parentPort?.postMessage(answer, outcome.kind === 'bundle' ? [outcome.bytes.buffer] : []);
}

function keepCharts({ outputs }: ChartsMessage): void {
  for (const [key, text] of outputs) charts.set(key, { text });
}
