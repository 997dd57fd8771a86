import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { resourceLimits } from 'node:worker_threads';

/** The share of a thread's memory that may be in use after everything else was collected. */
const fullShare = 0.6;

/**
 * Calls `relieve` whenever what this thread still uses after a full collection is most of what it may use, so that it
 * gives up what it keeps for later before it is ended for what it works on.
 */
export function watchMemory(relieve: () => void): void {
  // V8's own limit counts memory for young objects, which runs out last.
  const limitBytes = (resourceLimits.maxOldGenerationSizeMb ?? Infinity) * 1024 * 1024;
  new PerformanceObserver((list) => {
    const isCollected = list.getEntries().some(isFull);
    if (isCollected && getHeapStatistics().used_heap_size > fullShare * limitBytes) relieve();
  }).observe({ entryTypes: ['gc'] });
}

function isFull(entry: object): boolean {
  const detail = 'detail' in entry ? entry.detail : undefined;
  const kind = typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined;
  return kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
