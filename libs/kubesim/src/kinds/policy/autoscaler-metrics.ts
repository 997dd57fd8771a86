import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

const sources = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;
type Source = (typeof sources)[number];

/** A metric of the second version as the annotation of the first has it, its members in Go's order. */
export function firstMetric(metric: JsonObject): JsonObject {
  return converted(metric, (source, of) => firstSources[of](source, 'target'));
}

/** What a metric was found to be, as the annotation of the first version has it. */
export function firstStatus(status: JsonObject): JsonObject {
  return converted(status, (source, of) => firstSources[of](source, 'current'));
}

/** A metric of the annotation of the first version as the second has it. */
export function secondMetric(metric: JsonObject): JsonObject {
  return converted(metric, (source, of) => secondSource(source, of, 'target'));
}

/** What a metric was found to be, from the annotation of the first version. */
export function secondStatus(status: JsonObject): JsonObject {
  return converted(status, (source, of) => secondSource(source, of, 'current'));
}

function converted(metric: JsonObject, convert: (source: JsonObject, of: Source) => JsonObject): JsonObject {
  const found: JsonObject = { type: textAt(metric, 'type') ?? '' };
  for (const of of sources) {
    const source = objectAt(metric, of);
    if (source !== undefined) found[of] = convert(source, of);
  }
  return found;
}

type Field = 'target' | 'current';

const firstSources: Readonly<Record<Source, (source: JsonObject, field: Field) => JsonObject>> = {
  object: (source, field) => {
    const value = objectAt(source, field);
    const { kind = '', name = '', apiVersion } = objectAt(source, 'describedObject') ?? {};
    return {
      target: { kind, name, apiVersion },
      metricName: nameOf(source),
      [`${field}Value`]: value?.['value'] ?? '0',
      selector: selectorOf(source),
      averageValue: value?.['averageValue'],
    };
  },
  pods: (source, field) => ({
    metricName: nameOf(source),
    [`${field}AverageValue`]: objectAt(source, field)?.['averageValue'] ?? '0',
    selector: selectorOf(source),
  }),
  resource: (source, field) => ({ name: source['name'], ...useOf(source, field) }),
  containerResource: (source, field) => ({
    name: source['name'],
    ...useOf(source, field),
    container: source['container'],
  }),
  external: (source, field) => {
    const value = objectAt(source, field);
    return {
      metricName: nameOf(source),
      metricSelector: selectorOf(source),
      [`${field}Value`]: value?.['value'] ?? (field === 'current' ? '0' : undefined),
      [`${field}AverageValue`]: value?.['averageValue'],
    };
  },
};

function useOf(source: JsonObject, field: Field): JsonObject {
  const value = objectAt(source, field);
  return {
    [`${field}AverageUtilization`]: value?.['averageUtilization'],
    [`${field}AverageValue`]: value?.['averageValue'] ?? (field === 'current' ? '0' : undefined),
  };
}

function nameOf(source: JsonObject): string {
  return textAt(source, 'metric', 'name') ?? '';
}

function selectorOf(source: JsonObject): JsonObject | undefined {
  return objectAt(source, 'metric', 'selector');
}

function secondSource(source: JsonObject, of: Source, field: Field): JsonObject {
  const averageValue = source[of === 'object' ? 'averageValue' : `${field}AverageValue`];
  const share = source[`${field}AverageUtilization`];
  const value = source[`${field}Value`];
  const amounts = { averageUtilization: share, averageValue, value };
  const measured = field === 'target' ? { type: typeOf(of, amounts), ...amounts } : amounts;
  const selector = source[of === 'external' ? 'metricSelector' : 'selector'];
  const metric = { name: source['metricName'] ?? '', ...(selector === undefined ? {} : { selector }) };
  const present = Object.fromEntries(Object.entries(measured).filter(([, amount]) => amount !== undefined));
  return {
    ...(of === 'object' ? { describedObject: source['target'] } : {}),
    ...(of === 'containerResource' ? { container: source['container'] } : {}),
    ...(['resource', 'containerResource'].includes(of) ? { name: source['name'] } : { metric }),
    [field]: present,
  };
}

function typeOf(of: Source, amounts: JsonObject): string {
  if (of === 'pods') return 'AverageValue';
  if (of === 'object') return amounts['averageValue'] === undefined ? 'Value' : 'AverageValue';
  if (of === 'external') return amounts['value'] === undefined ? 'AverageValue' : 'Value';
  return amounts['averageUtilization'] === undefined ? 'AverageValue' : 'Utilization';
}
