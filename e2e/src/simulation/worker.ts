import { parentPort, workerData } from 'node:worker_threads';
import { focusOf } from './focuses.ts';
import { mutants } from './mutant-table.ts';
import { installMutant } from './patching.ts';
import { installRealm } from './realm.ts';
import type { Task, WorkerTask } from './workers.ts';
import type { Outcome } from './world.ts';

// A thread in which one world after the other is lived through. Time and randomness are replaced first, then, for a mutant,
// the sources; only then is anything of the product imported.
const { mutant, focus: named, isTold } = workerData as WorkerTask;
const port = parentPort;
if (!port) throw new TypeError('this file is run by workers.ts');
const chosen = mutants.find(({ name }) => name === mutant);
if (mutant !== undefined && !chosen) throw new TypeError(`there is no mutant ${mutant}`);
if (chosen) installMutant(chosen);
installRealm();
// Faults are made by the thousand, and nobody reads where from unless a world is told.
if (!isTold) Error.stackTraceLimit = 0;
const { runSeed } = await import('./run-seeds.ts');

const focusName = named ?? chosen?.focus;
const focus = focusName === undefined ? undefined : focusOf(focusName);
const say = (atMs: number, text: string) => port.postMessage({ kind: 'told', atMs, text });

/** Seeds until the first violation, or all of them. */
async function runTask({ from, to }: Task): Promise<void> {
  const ended: Outcome[] = [];
  for (let seed = from; seed < to; seed += 1) {
    const outcome = await runSeed(seed, { tell: isTold ? say : undefined, focus });
    ended.push(outcome);
    if (outcome.violation) break;
  }
  port?.postMessage({ kind: 'done', outcomes: ended });
}

port.on('message', (task: Task) => void runTask(task));
