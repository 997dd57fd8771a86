import type { BuildCache, ChartOutput, ChartRequest } from '@meridian/kustomize';
import { keyOf, keyText } from '@meridian/manifests';
import { defectOf } from './defect.ts';
import { digestNatively } from './digest-natively.ts';
import type { KeptFiles } from './kept-files.ts';
import type { KeptPolicies } from './kept-policies.ts';
import type { RenderTask, ThreadOutcome } from './messages.ts';

/** What a thread keeps from task to task. */
interface ThreadState {
  readonly files: KeptFiles;
  readonly builds: BuildCache;
  /** Outputs of charts by the keys of their requests. */
  readonly charts: ReadonlyMap<string, ChartOutput>;
  readonly policies: KeptPolicies;
}

/** Warnings of one bundle that are told; a chart that has one has it a hundred times. */
const mostWarnings = 20;

/** Carries out one task on what the thread has been sent. It never throws: a defect is an outcome, too. */
export function renderTask(state: ThreadState, task: RenderTask): ThreadOutcome {
  try {
    const { files, builds, charts: kept, policies } = state;
    const { tree, reads, misses } = files.look(task.tree);
    const { application, cluster } = task;
    const wanted = new Map<string, ChartRequest>();
    const charts = (request: ChartRequest) => {
      const output = kept.get(request.key);
      if (!output) wanted.set(request.key, request);
      return output;
    };
    const request = { tree, application, cluster, cache: builds, charts, digest: digestNatively };
    const resolved = policies.resolve(request, task.policies);
    if (misses.size > 0) return { kind: 'misses', paths: [...misses] };
    const looked = [...reads].join('\0');
    if (wanted.size > 0) return { kind: 'charts', reads: looked, requests: [...wanted.values()] };
    const { labelReads } = resolved;
    if ('errors' in resolved) return { kind: 'errors', reads: looked, labelReads, errors: resolved.errors };
    const { digest, bytes, bundle } = resolved;
    const warnings = resolved.warnings.slice(0, mostWarnings);
    const keys = bundle.objects.map((object) => keyText(keyOf(object)));
    // A copy of its own: what is handed to another thread must hold nothing else.
    return {
      kind: 'bundle',
      reads: looked,
      labelReads,
      digest,
      bytes: new Uint8Array(bytes),
      keys,
      warnings,
    };
  } catch (error) {
    return { kind: 'defect', what: defectOf(error) };
  }
}
