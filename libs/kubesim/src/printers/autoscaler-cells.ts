import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { count, none, unknown, unset } from './cell.ts';
import type { Cells } from './cell.ts';

/** Columns of autoscalers. */
export const autoscalerCells: Cells = {
  Reference: (object) =>
    `${textAt(object, 'spec', 'scaleTargetRef', 'kind') ?? ''}/${textAt(object, 'spec', 'scaleTargetRef', 'name') ?? ''}`,
  Targets: metrics,
  MinPods(object) {
    const least = numberAt(object, 'spec', 'minReplicas');
    return least === undefined ? unset : String(least);
  },
  MaxPods: count('spec.maxReplicas'),
  Replicas: count('status.currentReplicas'),
};

/** What a metric wants and what there is of it, once its source was looked up. */
interface Metric {
  readonly source: Json | undefined;
  readonly target: Json | undefined;
  /** Undefined as long as nobody has measured. */
  readonly current: Json | undefined;
}

const mostMetrics = 2;

function metrics(object: KubeObject): string {
  const wanted = itemsAt(object, 'spec', 'metrics');
  if (wanted.length === 0) return none;
  const present = itemsAt(object, 'status', 'currentMetrics');
  const shown = wanted.slice(0, mostMetrics).map((metric, index) => metricText(metric, present[index]));
  const more = wanted.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` + ${String(more)} more...` : ''}`;
}

function metricText(metric: Json, present: Json | undefined): string {
  const type = textAt(metric, 'type') ?? '';
  const field = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
  const source = objectAt(metric, field);
  const found = { source, target: objectAt(source, 'target'), current: objectAt(present, field, 'current') };
  switch (type) {
    case 'External':
    case 'Object':
      return valueText(found);
    case 'Pods':
      return `${measured(found, 'averageValue')}/${quantity(found.target, 'averageValue')}`;
    case 'Resource':
    case 'ContainerResource':
      return `${textAt(source, 'name') ?? ''}: ${resourceText(found)}`;
    default:
      return '<unknown type>';
  }
}

function valueText({ target, current }: Metric): string {
  const average = textAt(target, 'averageValue');
  if (average === undefined) {
    return `${current === undefined ? unknown : quantity(current, 'value')}/${quantity(target, 'value')}`;
  }
  return `${textAt(current, 'averageValue') ?? unknown}/${average} (avg)`;
}

function resourceText(metric: Metric): string {
  const average = textAt(metric.target, 'averageValue');
  if (average !== undefined) return `${measured(metric, 'averageValue')}/${average}`;
  return `${percent(metric.current, unknown)}/${percent(metric.target, '<auto>')}`;
}

function measured({ current }: Metric, field: string): string {
  return current === undefined ? unknown : quantity(current, field);
}

/** Go writes an absent quantity so. */
function quantity(from: Json | undefined, field: string): string {
  return textAt(from, field) ?? '<nil>';
}

function percent(from: Json | undefined, absent: string): string {
  const found = numberAt(from, 'averageUtilization');
  return found === undefined ? absent : `${String(found)}%`;
}
