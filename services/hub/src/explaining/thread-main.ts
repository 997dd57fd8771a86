import { parentPort, workerData } from 'node:worker_threads';
import { openRepository } from '@meridian/git';
import { explainInRevision } from './explain-in-revision.ts';
import type { ThreadData } from './explainer.ts';

// A thread that explains one object and ends; the hub ends it from outside when it takes too long.
const { dir, path, home, task } = workerData as ThreadData;
const { signal } = new AbortController();
const repository = await openRepository({ dir, path, home }, signal);
const tree = await repository.tree(task.revision, signal);
parentPort?.postMessage(await explainInRevision(tree, task, signal));
