import { parseQuantity } from '@meridian/cel';
import { isObject, itemsAt, numberAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';

/** The load of a target's pods. */
export interface Load {
  /** In percent of what they ask for. */
  readonly present: number;
  readonly wanted: number;
  /** What is loaded, as the autoscaler names it. */
  readonly metric: string;
}

/** Where an autoscaler is told the load of its target's pods in percent of what they ask for; without it there are no metrics. */
const loadAnnotation = 'sandbox.meridian.dev/utilization';

/** How far the load may be off before anything is done (--horizontal-pod-autoscaler-tolerance). */
const usualTolerance = 0.1;

/** The load that is set; undefined without metrics. */
export function loadOf(autoscaler: KubeObject): Load | undefined {
  const text = autoscaler.metadata.annotations?.[loadAnnotation] ?? '';
  const present = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(present)) return undefined;
  const metrics = itemsAt(autoscaler, 'spec', 'metrics');
  const targetOf = (metric: Json) => numberAt(metric, 'resource', 'target', 'averageUtilization');
  const metric = metrics.find((one) => targetOf(one) !== undefined);
  const name = textAt(metric, 'resource', 'name') ?? 'cpu';
  const wanted = metric === undefined ? 80 : (targetOf(metric) ?? 80);
  return { present, wanted, metric: `${name} resource utilization (percentage of request)` };
}

/** How many pods the load asks for. */
export function askedBy(
  { present, wanted }: Load,
  behavior: JsonObject | undefined,
  current: number,
): number {
  const ratio = present / wanted;
  const isWithin =
    ratio >= 1 - toleranceOf(behavior, 'scaleDown') && ratio <= 1 + toleranceOf(behavior, 'scaleUp');
  return isWithin ? current : Math.ceil(current * ratio);
}

function toleranceOf(behavior: JsonObject | undefined, way: 'scaleUp' | 'scaleDown'): number {
  const text = textAt(behavior, way, 'tolerance');
  const quantity = text === undefined ? undefined : parseQuantity(text);
  return quantity === undefined ? usualTolerance : Number(quantity.nano) / 1e9;
}

/** The load as an autoscaler's status shows it. */
export function shownLoad(autoscaler: KubeObject, { present }: Load): Json {
  const metric = itemsAt(autoscaler, 'spec', 'metrics').find((one) => textAt(one, 'type') === 'Resource');
  if (!isObject(metric)) return null;
  const current = { averageUtilization: present, averageValue: '0' };
  return [{ type: 'Resource', resource: { name: textAt(metric, 'resource', 'name') ?? 'cpu', current } }];
}
