import { draftOf, isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { parseJson } from '../../schema/parse-json.ts';
import type { VersionConversion } from '../kind-rules.ts';
import { firstBehavior, secondBehavior } from './autoscaler-behavior.ts';
import { firstMetric, firstStatus, secondMetric, secondStatus } from './autoscaler-metrics.ts';

const prefix = 'autoscaling.alpha.kubernetes.io';
const annotations = {
  metrics: `${prefix}/metrics`,
  status: `${prefix}/current-metrics`,
  behavior: `${prefix}/behavior`,
  conditions: `${prefix}/conditions`,
};

/** The first version knows one metric, the use of CPU. Annotations carry what else there is. */
export const autoscalerVersions: Readonly<Record<string, VersionConversion>> = {
  'autoscaling/v1': { fromStorage: firstVersion, toStorage: secondVersion },
};

function firstVersion(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec') ?? {};
  const { metrics: _metrics, behavior, ...kept } = spec;
  const cpu = itemsAt(spec, 'metrics').find(isUseOfCpu);
  const others = itemsAt(spec, 'metrics').filter((metric) => !isUseOfCpu(metric));
  const share = numberAt(cpu, 'resource', 'target', 'averageUtilization');
  const { currentMetrics, conditions, ...status } = objectAt(object, 'status') ?? {};
  return withAnnotations(
    {
      ...object,
      apiVersion: 'autoscaling/v1',
      spec: { ...kept, ...(share === undefined ? {} : { targetCPUUtilizationPercentage: share }) },
      status: { currentReplicas: 0, desiredReplicas: 0, ...status, ...currentUse(currentMetrics) },
    },
    {
      [annotations.metrics]: listText(others, firstMetric),
      [annotations.status]: listText(currentMetrics, firstStatus),
      [annotations.behavior]: isObject(behavior) ? JSON.stringify(firstBehavior(behavior)) : undefined,
      [annotations.conditions]: listText(conditions, conditionOf),
    },
  );
}

function secondVersion(object: KubeObject): KubeObject {
  const given = object.metadata.annotations ?? {};
  return withAnnotations(
    {
      ...object,
      apiVersion: 'autoscaling/v2',
      spec: secondSpec(objectAt(object, 'spec') ?? {}, given),
      status: secondState(objectAt(object, 'status') ?? {}, given),
    },
    {},
  );
}

type Annotations = Readonly<Record<string, string>>;

function secondSpec(
  { targetCPUUtilizationPercentage: share, ...spec }: JsonObject,
  given: Annotations,
): JsonObject {
  const asked =
    typeof share === 'number' ? [useOfCpu('target', { type: 'Utilization', averageUtilization: share })] : [];
  const metrics = [...listOf(given[annotations.metrics]).map(secondMetric), ...asked];
  const behavior = parsed(given[annotations.behavior]);
  return {
    ...spec,
    metrics: metrics.length === 0 ? [usualMetric] : metrics,
    ...(isObject(behavior) ? { behavior: secondBehavior(behavior) } : {}),
  };
}

function secondState(
  { currentCPUUtilizationPercentage: use, ...status }: JsonObject,
  given: Annotations,
): JsonObject {
  const current = given[annotations.status];
  const now = typeof use === 'number' ? [useOfCpu('current', { averageUtilization: use })] : [];
  const currentMetrics = current === undefined ? now : listOf(current).map(secondStatus);
  const conditions = listOf(given[annotations.conditions]);
  return {
    ...status,
    ...(currentMetrics.length === 0 ? {} : { currentMetrics }),
    ...(conditions.length === 0 ? {} : { conditions: [...conditions] }),
  };
}

const usualMetric = useOfCpu('target', { type: 'Utilization', averageUtilization: 80 });

function useOfCpu(field: 'target' | 'current', value: JsonObject): JsonObject {
  return { type: 'Resource', resource: { name: 'cpu', [field]: value } };
}

function isUseOfCpu(metric: Json): boolean {
  const isShare = numberAt(metric, 'resource', 'target', 'averageUtilization') !== undefined;
  return isShare && textAt(metric, 'type') === 'Resource' && textAt(metric, 'resource', 'name') === 'cpu';
}

function currentUse(metrics: Json | undefined): JsonObject {
  const list = Array.isArray(metrics) ? metrics : [];
  const cpu = list.findLast(
    (metric) =>
      textAt(metric, 'resource', 'name') === 'cpu' &&
      numberAt(metric, 'resource', 'current', 'averageUtilization') !== undefined,
  );
  const use = numberAt(cpu, 'resource', 'current', 'averageUtilization');
  return use === undefined ? {} : { currentCPUUtilizationPercentage: use };
}

/** Go writes every field of a condition in its order. */
function conditionOf(condition: JsonObject): JsonObject {
  const { type = '', status = '', lastTransitionTime = null, reason, message } = condition;
  return { type, status, lastTransitionTime, reason, message };
}

function listText(list: Json | undefined, write: (item: JsonObject) => JsonObject): string | undefined {
  const items = (Array.isArray(list) ? list : []).filter(isObject);
  return items.length === 0 ? undefined : JSON.stringify(items.map(write));
}

function listOf(text: string | undefined): readonly JsonObject[] {
  const value = parsed(text);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function parsed(text: string | undefined): Json | undefined {
  const read = text === undefined ? undefined : parseJson(text);
  return read?.ok === true ? read.value : undefined;
}

function withAnnotations(object: KubeObject, more: Readonly<Record<string, string | undefined>>): KubeObject {
  const carried: readonly string[] = Object.values(annotations);
  const kept = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => !carried.includes(name));
  const added = Object.entries(more).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  const metadata = draftOf(object.metadata);
  if (kept.length + added.length === 0) delete metadata.annotations;
  else metadata.annotations = Object.fromEntries([...kept, ...added]);
  return { ...object, metadata };
}
