import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

/** Keeps half as much again as it may use, in pieces, as a cache does; the event loop has its turn as between tasks. */
const program = (onFull: string) => `
import { watchMemory } from ${JSON.stringify(new URL('./thread-memory.ts', import.meta.url).href)};
import { parentPort } from 'node:worker_threads';
const kept = [];
let relieved = 0;
watchMemory(() => { relieved += 1; ${onFull} });
for (let megabyte = 0; megabyte < 90; megabyte += 1) {
  kept.push(Array.from({ length: 131072 }, (_, index) => megabyte + index / 2));
  await new Promise((resolve) => setImmediate(resolve));
}
parentPort.postMessage(relieved);
`;

function run(onFull: string): Promise<number> {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program(onFull))}`), {
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

test('a thread that is told in time to give up what it keeps lives on', async () => {
  expect(await run('kept.length = 0;')).toBeGreaterThan(0);
}, 180_000);

test('a thread that keeps everything nevertheless is ended, and says why', async () => {
  await expect(run('')).rejects.toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
}, 180_000);
