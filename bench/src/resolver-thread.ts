import { parentPort, workerData } from 'node:worker_threads';
import { OverlayRendering } from './resolver-rendering.ts';
import type { FilesState, OverlaysSize } from './resolver-rendering.ts';

// One of several threads that share the overlays: it gets a state, says when it is ready, and renders when it is told.
/** What a thread is made with: the overlays whose number leaves the remainder `part` when divided by `parts`. */
export interface ThreadPart extends OverlaysSize {
  readonly part: number;
  readonly parts: number;
}

const { part, parts, ...size } = workerData as ThreadPart;
const rendering = new OverlayRendering(size, (index) => index % parts === part);
let go = (): void => undefined;

parentPort?.on('message', (message: FilesState | 'go') => {
  if (message === 'go') {
    go();
    parentPort?.postMessage('done');
    return;
  }
  const tree = rendering.prepare(message);
  go = () => rendering.render(tree, message);
  parentPort?.postMessage('ready');
});
