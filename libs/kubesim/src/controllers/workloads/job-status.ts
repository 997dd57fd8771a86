import { isObject, itemsAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { isSuspended } from './job-progress.ts';
import type { Ending } from './job-progress.ts';

/** When a job ended, in Unix milliseconds; undefined while it goes on. */
export function endedAt(job: KubeObject): number | undefined {
  const condition = itemsAt(job, 'status', 'conditions').find(
    (one) => ['Complete', 'Failed'].includes(textAt(one, 'type') ?? '') && textAt(one, 'status') === 'True',
  );
  return condition === undefined ? undefined : Date.parse(textAt(condition, 'lastTransitionTime') ?? '');
}

/** What the conditions of a job come to. */
export interface JobConditions {
  readonly conditions: JsonObject[];
  /** That the job was suspended or goes on, when that is news. */
  readonly news?: { readonly reason: string; readonly message: string };
  /** How the job ended, when it did just now. */
  readonly ended?: Ending;
}

/** The conditions of a job. One that ends first says how it will, and that it has once no pod is on its way out. */
export function jobConditions(
  job: KubeObject,
  {
    ending,
    terminating,
    now,
  }: { readonly ending: Ending | undefined; readonly terminating: number; readonly now: string },
): JobConditions {
  const present = itemsAt(job, 'status', 'conditions').filter(isObject);
  const times = { lastProbeTime: now, lastTransitionTime: now };
  if (ending === undefined) return suspension(job, present, times);
  const { type, ...words } = ending;
  const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const told = (name: string) => ({ type: name, status: 'True', ...words, ...times });
  const conditions = present.some((one) => one['type'] === first) ? present : [...present, told(first)];
  return terminating > 0 ? { conditions } : { conditions: [...conditions, told(type)], ended: ending };
}

function suspension(job: KubeObject, present: JsonObject[], times: JsonObject): JobConditions {
  const suspended = isSuspended(job);
  const old = present.find(({ type }) => type === 'Suspended');
  const status = suspended ? 'True' : 'False';
  if (old?.['status'] === status || (!suspended && old === undefined)) return { conditions: present };
  const words = suspended
    ? { reason: 'JobSuspended', message: 'Job suspended' }
    : { reason: 'JobResumed', message: 'Job resumed' };
  const condition = { type: 'Suspended', status, ...words, ...times };
  return {
    conditions:
      old === undefined ? [...present, condition] : present.map((one) => (one === old ? condition : one)),
    news: { reason: words.reason.replace('Job', ''), message: words.message },
  };
}
