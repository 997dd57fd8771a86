import { resolveApplication } from '@meridian/kustomize';
import type { BuildCache } from '@meridian/kustomize';
import { keyOf, keyText } from '@meridian/manifests';
import type { KeptFiles } from './kept-files.ts';
import type { TaskMessage, ThreadOutcome } from './messages.ts';

/** What a thread keeps from task to task. */
export interface ThreadState {
  readonly files: KeptFiles;
  readonly builds: BuildCache;
}

/** Carries out one task on what the thread has been sent. It never throws: a bug is an outcome, which the hub throws. */
export function renderTask({ files, builds }: ThreadState, task: TaskMessage): ThreadOutcome {
  try {
    const { tree, reads, misses } = files.look(task.tree);
    const { application, cluster } = task;
    const resolved = resolveApplication({ tree, application, cluster, cache: builds });
    if (misses.size > 0) return { kind: 'misses', paths: [...misses] };
    const looked = [...reads].join('\0');
    if ('errors' in resolved) return { kind: 'errors', reads: looked, errors: resolved.errors };
    const { digest, bytes, bundle } = resolved;
    const keys = bundle.objects.map((object) => keyText(keyOf(object)));
    // A copy of its own: what is handed to another thread must hold nothing else.
    return { kind: 'bundle', reads: looked, digest, bytes: new Uint8Array(bytes), keys };
  } catch (error) {
    return { kind: 'crash', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
