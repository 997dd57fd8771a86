import { numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';

/** Where a pod of an indexed job says which index it works on. */
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

/** Whether each pod of a job works on an index of its own. */
export function isIndexed(job: KubeObject): boolean {
  return textAt(job, 'spec', 'completionMode') === 'Indexed';
}

/** The index that a pod works on, undefined when it says none that its job has. */
export function indexOf(pod: KubeObject, job: KubeObject): number | undefined {
  const index = Number(pod.metadata.annotations?.[indexAnnotation] ?? Number.NaN);
  return Number.isInteger(index) && index >= 0 && index < (numberAt(job, 'spec', 'completions') ?? 0)
    ? index
    : undefined;
}

/** `0-2,5` for 0, 1, 2 and 5; two in a row are written one by one. */
export function indexText(indexes: ReadonlySet<number>): string {
  const runs: [number, number][] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => runText(from, to)).join(',');
}

function runText(from: number, to: number): string {
  if (from === to) return String(from);
  return `${String(from)}${to === from + 1 ? ',' : '-'}${String(to)}`;
}

/** The indexes of a text such as `0-2,5`. */
export function parseIndexes(text: string): Set<number> {
  const indexes = new Set<number>();
  for (const run of text.split(',').filter((one) => one !== '')) {
    const [from = '', to = from] = run.split('-');
    for (let index = Number(from); index <= Number(to); index += 1) indexes.add(index);
  }
  return indexes;
}
