import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { parseIndexes } from './job-indexes.ts';

/** What a job's policy says about a failed pod. */
export interface FailureVerdict {
  readonly action: string;
  /** Why the job has failed, when the policy says that it has. */
  readonly message: string | undefined;
}

/** The first rule of a job's pod failure policy that matches a failed pod; undefined when none does. */
export function failureVerdict(job: KubeObject, pod: KubeObject): FailureVerdict | undefined {
  const rules = itemsAt(job, 'spec', 'podFailurePolicy', 'rules');
  for (const [index, rule] of rules.entries()) {
    const cause = causeOf(rule, pod);
    if (cause === undefined) continue;
    const action = textAt(rule, 'action') ?? '';
    const message = `${cause} matching ${action} rule at index ${String(index)}`;
    return { action, message: action === 'FailJob' ? message : undefined };
  }
  return undefined;
}

/** What of a pod a rule is about. */
function causeOf(rule: Json, pod: KubeObject): string | undefined {
  const { namespace = '', name = '' } = pod.metadata;
  const codes = objectAt(rule, 'onExitCodes');
  if (codes !== undefined) {
    const exit = exits(pod).find((one) => takesExit(codes, one));
    const where = `for pod ${namespace}/${name} failed with exit code`;
    return exit === undefined ? undefined : `Container ${exit.container} ${where} ${String(exit.code)}`;
  }
  const patterns = itemsAt(rule, 'onPodConditions');
  const condition = itemsAt(pod, 'status', 'conditions').find((one) =>
    patterns.some((pattern) =>
      ['type', 'status'].every((field) => textAt(pattern, field) === textAt(one, field)),
    ),
  );
  if (condition === undefined) return undefined;
  return `Pod ${namespace}/${name} has condition ${textAt(condition, 'type') ?? ''}`;
}

interface Exit {
  readonly container: string;
  readonly code: number;
}

function exits(pod: KubeObject): Exit[] {
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((field) =>
    itemsAt(pod, 'status', field),
  );
  return statuses.flatMap((status) => {
    const code = numberAt(status, 'state', 'terminated', 'exitCode') ?? 0;
    return code === 0 ? [] : [{ container: textAt(status, 'name') ?? '', code }];
  });
}

function takesExit(codes: Json, { container, code }: Exit): boolean {
  const named = textAt(codes, 'containerName');
  if (named !== undefined && named !== container) return false;
  const listed = itemsAt(codes, 'values').includes(code);
  return textAt(codes, 'operator') === 'In' ? listed : !listed;
}

/** Which rule of a job's success policy its finished indexes meet, in words; undefined when none. */
export function successMet(job: KubeObject, succeeded: ReadonlySet<number>): string | undefined {
  if (succeeded.size === 0) return undefined;
  const index = itemsAt(job, 'spec', 'successPolicy', 'rules').findIndex((rule) => {
    const count = numberAt(rule, 'succeededCount');
    const named = textAt(rule, 'succeededIndexes');
    if (named === undefined) return count !== undefined && succeeded.size >= count;
    const needed = [...parseIndexes(named)];
    const done = needed.filter((one) => succeeded.has(one)).length;
    return needed.length > 0 && (done === needed.length || (count !== undefined && done >= count));
  });
  return index < 0 ? undefined : `Matched rules at index ${String(index)}`;
}
