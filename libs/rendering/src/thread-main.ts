import { flushCompileCache } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { BuildCache } from '@meridian/kustomize';
import type { ChartOutput } from '@meridian/kustomize';
import { KeptFiles } from './kept-files.ts';
import { KeptPolicies } from './kept-policies.ts';
import { sharedPlaces } from './messages.ts';
import type {
  ChartsMessage,
  TasksMessage,
  ThreadAnswer,
  ThreadAnswers,
  ThreadData,
  ThreadMessage,
} from './messages.ts';
import { renderTask } from './render-task.ts';
import { watchMemory } from './thread-memory.ts';

// A rendering thread. One task at a time, in the order they came; the hub ends it from outside when one does not end.
const { shared } = workerData as ThreadData;
const places = new BigInt64Array(shared);
const charts = new Map<string, ChartOutput>();
const policies = new KeptPolicies();
const state = { files: new KeptFiles(), builds: new BuildCache(), charts, policies };
/** After this long no further task is begun before the answers that are held back are sent. */
const mostHeldNs = 10_000_000n;
/** Messages are dealt with in their order, although one of them may have to wait. */
let turn = Promise.resolve();

// What is parsed and accumulated can be made again; that is slower, but a thread that ends loses it as well.
watchMemory(() => (state.builds = new BuildCache()));

parentPort?.on('message', (message: ThreadMessage) => {
  turn = turn.then(() => take(message));
});

// A thread that is ended from outside writes nothing of what it was compiled to, where that is kept.
flushCompileCache();

function take(message: ThreadMessage): Promise<void> | void {
  if (message.kind === 'charts') return keepCharts(message);
  if (message.kind === 'policies') return policies.keep(message);
  if (message.kind === 'tasks') return carryOut(message);
  if (message.kind === 'forget all') for (const kept of [charts, policies]) kept.clear();
  state.files.take(message);
}

/** Answers go together, for a message costs as much as a small rendering; none waits for more than one task beyond that time. */
async function carryOut({ tasks, epoch, ...subject }: TasksMessage): Promise<void> {
  let answers: ThreadAnswer[] = [];
  let beganNs = process.hrtime.bigint();
  for (const { task, cluster } of tasks) {
    if (Atomics.load(places, sharedPlaces.epoch) !== epoch) break;
    Atomics.store(places, sharedPlaces.task, BigInt(task));
    Atomics.store(places, sharedPlaces.startedNs, process.hrtime.bigint());
    answers.push({ task, outcome: renderTask(state, { ...subject, cluster }) });
    Atomics.store(places, sharedPlaces.startedNs, 0n);
    const nowNs = process.hrtime.bigint();
    if (nowNs - beganNs < mostHeldNs) continue;
    send({ answers, tookMs: Number(nowNs - beganNs) / 1e6 });
    // The watch over memory has its turn, too.
    await nextTurn();
    answers = [];
    beganNs = process.hrtime.bigint();
  }
  if (answers.length > 0) send({ answers, tookMs: Number(process.hrtime.bigint() - beganNs) / 1e6 });
}

function send(answered: ThreadAnswers): void {
  const buffers = answered.answers.flatMap(({ outcome }) =>
    outcome.kind === 'bundle' ? [outcome.bytes.buffer] : [],
  );
  parentPort?.postMessage(answered, buffers);
}

function keepCharts({ outputs }: ChartsMessage): void {
  for (const [key, text] of outputs) charts.set(key, { text });
}
