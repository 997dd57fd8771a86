import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { openRepository } from '@meridian/git';
import { explainInRevision } from './explain-in-revision.ts';
import type { RenderChart } from './explain-in-revision.ts';
import type { ExplainMessage, ThreadData } from './explainer.ts';

// A thread that explains one object and ends; the hub ends it from outside when it takes too long.
const say = (message: ExplainMessage) => parentPort?.postMessage(message);
/** Charts are rendered by the hub, one at a time. */
const renderChart: RenderChart = (request, content) =>
  new Promise((resolve) => {
    parentPort?.once('message', resolve);
    say({ kind: 'chart', request, content });
  });

// A thread that is ended from outside writes nothing of what it was compiled to, where that is kept.
flushCompileCache();

const { dir, path, home, task } = workerData as ThreadData;
const { signal } = new AbortController();
const repository = await openRepository({ dir, path, home }, signal);
const tree = await repository.tree(task.revision, signal);
say({ kind: 'explained', explained: await explainInRevision({ tree, renderChart }, task, signal) });
