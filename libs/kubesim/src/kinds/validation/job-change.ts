import { GoText, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { jobErrors, jobSpecErrors } from './job-errors.ts';
import { partOf } from './pod/forms.ts';
import { specOf } from './workload-errors.ts';

const immutable = 'field is immutable';

/** Fields that a job keeps, each with the Go type that a refusal shows. */
const kept: readonly (readonly [string, string])[] = [
  ['completionMode', '*string'],
  ['podFailurePolicy', '*batch.PodFailurePolicy'],
  ['backoffLimitPerIndex', '*int32'],
  ['managedBy', '*string'],
  ['successPolicy', '*batch.SuccessPolicy'],
];

/** What is wrong with an update of a job, most of which may not change (ValidateJobUpdate of pkg/apis/batch/validation). */
export function jobUpdateErrors(job: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [specOf(job), specOf(old)];
  return [
    ...jobErrors(job),
    ...jobSpecErrors(spec),
    ...completionsChange(spec, before),
    ...unchanged([spec['selector'], before['selector']], 'spec.selector', '*v1.LabelSelector'),
    ...templateChange(spec, old),
    ...kept.flatMap(([field, type]) => unchanged([spec[field], before[field]], `spec.${field}`, type)),
  ];
}

function unchanged(
  [value, old]: readonly [Json | undefined, Json | undefined],
  path: string,
  type: string,
): FieldError[] {
  return goEqual(value, old) ? [] : [invalid(path, new GoText(goInternalText(value, type)), immutable)];
}

/** Indexed jobs may get more or fewer completions together with their parallelism. */
function completionsChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const path = 'spec.completions';
  const completions = numberAt(spec, 'completions');
  if (spec['completionMode'] !== 'Indexed') {
    return unchanged([spec['completions'], old['completions']], path, '*int32');
  }
  const same = goEqual(spec['completions'], old['completions']);
  if (same || completions === undefined || completions === numberAt(spec, 'parallelism')) return [];
  return [invalid(path, completions, 'can only be modified in tandem with spec.parallelism')];
}

/** A job that waits may still be told where its pods go and what they may take. */
function templateChange(spec: JsonObject, job: KubeObject): FieldError[] {
  const old = specOf(job);
  const template = partOf(spec, 'template');
  const before = partOf(old, 'template');
  if (!isWaiting(job)) {
    return unchanged([template, before], 'spec.template', 'core.PodTemplateSpec');
  }
  const podSpec = partOf(template, 'spec');
  const expected = withResourcesOf(podSpec, withPlaceOf(podSpec, partOf(before, 'spec')));
  return unchanged([podSpec, expected], 'spec.template.spec', 'core.PodSpec');
}

function isWaiting(job: KubeObject): boolean {
  if (specOf(job)['suspend'] !== true) return false;
  const suspended = itemsAt(job, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Suspended' && textAt(condition, 'status') === 'True',
  );
  const started = textAt(job, 'status', 'startTime') !== undefined;
  return (!started || suspended) && (numberAt(job, 'status', 'active') ?? 0) === 0;
}

/** The old spec with what of the new one says where pods go. */
function withPlaceOf(spec: JsonObject, old: JsonObject): JsonObject {
  const { affinity: _, ...rest } = old;
  const affinity = affinityOf(objectAt(spec, 'affinity'), objectAt(old, 'affinity'));
  return {
    ...rest,
    ...(affinity === undefined ? {} : { affinity }),
    nodeSelector: spec['nodeSelector'],
    tolerations: spec['tolerations'],
    schedulingGates: spec['schedulingGates'],
  };
}

function affinityOf(affinity: JsonObject | undefined, old: JsonObject | undefined): JsonObject | undefined {
  const { nodeAffinity: _, ...others } = old ?? {};
  if (affinity === undefined) return Object.keys(others).length === 0 ? undefined : others;
  const nodeAffinity = affinity['nodeAffinity'];
  return { ...others, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) };
}

/** The old spec with the resources of the new one, container by container. */
function withResourcesOf(spec: JsonObject, old: JsonObject): JsonObject {
  const found: JsonObject = { ...old };
  for (const list of ['containers', 'initContainers']) {
    const [now, before] = [spec, old].map((one) => itemsAt(one, list).filter(isObject));
    if (now === undefined || before === undefined || before.length === 0) continue;
    if (now.length !== before.length) continue;
    found[list] = before.map((container, index) => {
      const other = now[index];
      return other?.['name'] === container['name']
        ? { ...container, resources: other?.['resources'] }
        : container;
    });
  }
  return found;
}
