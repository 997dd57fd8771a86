import type { JobCheck } from '@meridian/fleet';
import { sha256Digest } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';
import { applicationLabel } from '../ports.ts';
import type { ObjectRef } from '../ports.ts';

/** Label of a Job that was made for a check; its value is the id of the check. */
export const checkLabel = 'meridian.dev/check';

/** Label that names the application whose check it is. It is not the label of the application's own objects. */
export const checkedApplicationLabel = 'meridian.dev/checked-application';

/** Annotation with the run that a Job was made for. */
export const checkRunAnnotation = 'meridian.dev/check-run';

/** For what a Job is made. */
export interface JobRun {
  readonly application: string;
  readonly namespace: string;
  readonly check: JobCheck;
  readonly run: string;
}

/** How long an ended Job stays, so that people can read its logs, in seconds. */
const defaultStaySeconds = 86_400;

/** A Job that goes at once could end unseen, and would be run again. */
const leastStaySeconds = 300;

/** Where the Job of a check is: the same name for the same application and id, at most 63 characters. */
export function jobRefOf({ application, namespace, check }: Omit<JobRun, 'run'>): ObjectRef {
  const digest = sha256Digest(`${application}/${check.id}`).slice('sha256:'.length, 'sha256:'.length + 10);
  const readable = `${application}-${check.id}`.slice(0, 63 - digest.length - 1).replace(/-+$/, '');
  return { apiVersion: 'batch/v1', kind: 'Job', namespace, name: `${readable}-${digest}` };
}

/** The Job of a check, or what is wrong with its spec. The rest is judged by the API server. */
export function jobFor(
  run: JobRun,
): { readonly ok: true; readonly job: KubeObject } | { readonly ok: false; readonly problem: string } {
  const { spec, timeoutMs, id } = run.check;
  const problem = problemOf(spec);
  if (problem !== undefined) return { ok: false, problem };
  const { apiVersion, kind, namespace, name } = jobRefOf(run);
  const job = {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: { [checkLabel]: id, [checkedApplicationLabel]: run.application },
      annotations: { [checkRunAnnotation]: run.run },
    },
    spec: filledSpec(spec, Math.ceil(timeoutMs / 1_000)),
  };
  return { ok: true, job };
}

function problemOf(spec: JsonObject): string | undefined {
  const { template } = spec;
  const pod = isJsonObject(template) ? template['spec'] : undefined;
  if (!isJsonObject(pod)) return 'its spec has no template.spec; write one as in a batch/v1 Job';
  const { containers } = pod;
  if (!Array.isArray(containers) || containers.length === 0)
    return 'its spec has no template.spec.containers; name at least one container with its image';
  const bad = containers.findIndex((one: Json) => !isJsonObject(one) || typeof one['image'] !== 'string');
  if (bad >= 0) return `template.spec.containers[${bad}] of its spec has no image; name one`;
  if (spec['selector'] !== undefined || spec['manualSelector'] !== undefined)
    return 'its spec has a selector of its own, which would match other pods; leave selector and manualSelector out';
  if (spec['suspend'] === true) return 'its spec is suspended and would never end; leave suspend out';
  return undefined;
}

/** What is not said is said here: it runs once, ends in time and goes after a day. */
function filledSpec(spec: JsonObject, timeoutSeconds: number): JsonObject {
  const { template, activeDeadlineSeconds: deadline, ttlSecondsAfterFinished: stay } = spec;
  const templateFields = isJsonObject(template) ? template : {};
  const pod = isJsonObject(templateFields['spec']) ? templateFields['spec'] : {};
  return {
    backoffLimit: 0,
    ...spec,
    template: { ...templateFields, spec: { restartPolicy: 'Never', ...pod } },
    activeDeadlineSeconds: typeof deadline === 'number' ? Math.min(deadline, timeoutSeconds) : timeoutSeconds,
    ttlSecondsAfterFinished: typeof stay === 'number' ? Math.max(stay, leastStaySeconds) : defaultStaySeconds,
  };
}

/** Whether a Job was made for this check of this application, in whatever run. */
export function isJobOf({ metadata: { labels } }: KubeObject, { application, check }: JobRun): boolean {
  return (
    labels?.[checkLabel] === check.id &&
    labels[checkedApplicationLabel] === application &&
    labels[applicationLabel] === undefined
  );
}
