import { isObject, itemsAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';

/** What an autoscaler says of one of its metrics when nothing serves metrics, in the words of the real one. */
export interface MissingMetric {
  readonly reason: string;
  readonly message: string;
  /** The same as the sum of all metrics names it. */
  readonly summed: string;
}

const resources =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const customs =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

/** Says of each metric of an autoscaler that it could not be had (pkg/controller/podautoscaler). */
export function missingMetrics(autoscaler: KubeObject): readonly MissingMetric[] {
  const { namespace = '' } = autoscaler.metadata;
  return itemsAt(autoscaler, 'spec', 'metrics').map((metric) => {
    const type = textAt(metric, 'type') ?? '';
    const source = objectAt(metric, `${type.charAt(0).toLowerCase()}${type.slice(1)}`) ?? {};
    const { message, summed } = (words[type] ?? wordsOfResource)(source, namespace);
    return { reason: `FailedGet${type}Metric`, message, summed };
  });
}

type Words = (source: JsonObject, namespace: string) => { readonly message: string; readonly summed: string };

const words: Readonly<Record<string, Words>> = {
  ContainerResource(source) {
    const message = wordsOfUse(source);
    return {
      message,
      summed: `failed to get ${textAt(source, 'container') ?? ''} container metric value: ${message}`,
    };
  },
  Pods(source) {
    const message = `unable to get metric ${metricName(source)}: ${customs}`;
    return { message, summed: `failed to get pods metric value: ${message}` };
  },
  // The real one fills in its words in this order.
  Object(source, namespace) {
    const name = metricName(source);
    const described = objectAt(source, 'describedObject');
    const [kind = '', of = ''] = [textAt(described, 'kind'), textAt(described, 'name')];
    const message = `unable to get metric ${name}: ${kind} on ${namespace} ${of}/${customs}`;
    const averaged = isAveraged(source) ? `failed to get ${name} object metric: ` : '';
    return { message, summed: `failed to get object metric value: ${averaged}${message}` };
  },
  External(source, namespace) {
    const name = metricName(source);
    const selector = selectorWords(objectAt(source, 'metric', 'selector'));
    const why = `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
    const message = `unable to get external metric ${namespace}/${name}/${selector}: unable to fetch metrics from external metrics API: ${why}`;
    const failed = isAveraged(source)
      ? `failed to get ${name} external metric`
      : `failed to get external metric ${name}`;
    return { message, summed: `failed to get ${name} external metric value: ${failed}: ${message}` };
  },
};

function wordsOfResource(source: JsonObject): ReturnType<Words> {
  const message = wordsOfUse(source);
  return {
    message,
    summed: `failed to get ${textAt(source, 'name') ?? ''} resource metric value: ${message}`,
  };
}

function wordsOfUse(source: JsonObject): string {
  const name = textAt(source, 'name') ?? '';
  const what = isAveraged(source) ? 'usage' : 'utilization';
  return `failed to get ${name} ${what}: unable to get metrics for resource ${name}: ${resources}`;
}

function isAveraged(source: JsonObject): boolean {
  return textAt(source, 'target', 'type') === 'AverageValue';
}

function metricName(source: JsonObject): string {
  return textAt(source, 'metric', 'name') ?? '';
}

/** A label selector as Go prints it. */
function selectorWords(selector: JsonObject | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = labels.map(([name, value]) => `${name}: ${text(value)},`).join('');
  const requirements = itemsAt(selector, 'matchExpressions').filter(isObject).map(requirementWords).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${pairs}},MatchExpressions:[]LabelSelectorRequirement{${requirements}},}`;
}

function requirementWords(requirement: JsonObject): string {
  const [key = '', operator = ''] = [textAt(requirement, 'key'), textAt(requirement, 'operator')];
  const values = itemsAt(requirement, 'values').map(text).join(' ');
  return `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values}],},`;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
