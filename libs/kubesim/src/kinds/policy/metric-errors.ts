import { dnsLabelProblems, pathSegmentProblems } from '@meridian/cel';
import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';
import { isPositive } from './quantities.ts';
import { containerResourceErrors } from './resource-names.ts';

/** Kinds of metrics by the field that describes one, in the order in which the real server looks at them. */
const sources: Readonly<Record<string, SourceCheck>> = {
  object: objectErrors,
  external: externalErrors,
  pods: podsErrors,
  resource: resourceErrors,
  containerResource: containerErrors,
};

type SourceCheck = (source: JsonObject, path: string) => FieldError[];

const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** What is wrong with a metric that an autoscaler follows. */
export function metricErrors([metric, path]: readonly [JsonObject, string]): FieldError[] {
  const type = textIn(metric, 'type');
  const present = Object.keys(sources).filter((field) => isObject(metric[field]));
  const unknown = types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)];
  return [
    ...(type === '' ? [required(`${path}.type`, 'must specify a metric source type')] : []),
    ...unknown,
    ...present
      .slice(0, 1)
      .flatMap((field) => sources[field]?.(objectAt(metric, field) ?? {}, `${path}.${field}`) ?? []),
    ...unknown,
    ...otherSourceErrors(present, unknown.length > 0 ? '' : sourceOf(type), path),
  ];
}

function sourceOf(type: string): string {
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
}

function otherSourceErrors(present: readonly string[], expected: string, path: string): FieldError[] {
  const missing = expected !== '' && !present.includes(expected);
  const others = present.length === 1 ? [] : present.filter((field) => field !== expected);
  return [
    ...(missing
      ? [required(`${path}.${expected}`, 'must populate information for the given metric source')]
      : []),
    ...others.map((field) => forbidden(`${path}.${field}`, 'must populate the given metric source only')),
  ];
}

/** What is wrong with the kind and the name of an object that is referred to. */
export function referenceErrors(reference: JsonObject, path: string): FieldError[] {
  return ['kind', 'name'].flatMap((field) => {
    const text = textIn(reference, field);
    return text === ''
      ? [required(`${path}.${field}`)]
      : formErrors(text, `${path}.${field}`, pathSegmentProblems);
  });
}

function objectErrors(source: JsonObject, path: string): FieldError[] {
  const target = objectAt(source, 'target') ?? {};
  return [
    ...referenceErrors(objectAt(source, 'describedObject') ?? {}, `${path}.describedObject`),
    ...identifierErrors(source, path),
    ...targetErrors(target, `${path}.target`),
    ...(has(target, 'value') || has(target, 'averageValue')
      ? []
      : [required(`${path}.target.averageValue`, 'must set either a target value or averageValue')]),
  ];
}

function externalErrors(source: JsonObject, path: string): FieldError[] {
  const target = objectAt(source, 'target') ?? {};
  const given = ['value', 'averageValue'].filter((field) => has(target, field)).length;
  return [
    ...identifierErrors(source, path),
    ...targetErrors(target, `${path}.target`),
    ...(given === 0
      ? [
          required(
            `${path}.target.averageValue`,
            'must set either a target value for metric or a per-pod target',
          ),
        ]
      : []),
    ...(given === 2
      ? [forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target')]
      : []),
  ];
}

function podsErrors(source: JsonObject, path: string): FieldError[] {
  const target = objectAt(source, 'target') ?? {};
  return [
    ...identifierErrors(source, path),
    ...targetErrors(target, `${path}.target`),
    ...(has(target, 'averageValue')
      ? []
      : [required(`${path}.target.averageValue`, 'must specify a positive target averageValue')]),
  ];
}

function resourceErrors(source: JsonObject, path: string): FieldError[] {
  const named = textIn(source, 'name') !== '';
  return [
    ...(named ? [] : [required(`${path}.name`, 'must specify a resource name')]),
    ...useErrors(objectAt(source, 'target') ?? {}, `${path}.target`),
  ];
}

function containerErrors(source: JsonObject, path: string): FieldError[] {
  const [name, container] = [textIn(source, 'name'), textIn(source, 'container')];
  return [
    ...(name === ''
      ? [required(`${path}.name`, 'must specify a resource name')]
      : containerResourceErrors(name, `${path}.name`)),
    ...(container === ''
      ? [required(`${path}.container`, 'must specify a container')]
      : formErrors(container, `${path}.container`, dnsLabelProblems)),
    ...useErrors(objectAt(source, 'target') ?? {}, `${path}.target`),
  ];
}

function useErrors(target: JsonObject, path: string): FieldError[] {
  const given = ['averageUtilization', 'averageValue'].filter((field) => has(target, field)).length;
  return [
    ...targetErrors(target, path),
    ...(given === 0
      ? [required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization')]
      : []),
    ...(given === 2
      ? [forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization')]
      : []),
  ];
}

function identifierErrors(source: JsonObject, path: string): FieldError[] {
  const name = textAt(source, 'metric', 'name') ?? '';
  if (name === '') return [required(`${path}.metric.name`, 'must specify a metric name')];
  return formErrors(name, `${path}.metric.name`, pathSegmentProblems);
}

function targetErrors(target: JsonObject, path: string): FieldError[] {
  const type = textIn(target, 'type');
  const share = numberAt(target, 'averageUtilization');
  return [
    ...(type === '' ? [required(`${path}.type`, 'must specify a metric target type')] : []),
    ...(['Utilization', 'Value', 'AverageValue'].includes(type)
      ? []
      : [invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...['value', 'averageValue'].flatMap((field) => {
      const amount = textAt(target, field);
      return amount === undefined || isPositive(amount)
        ? []
        : [invalid(`${path}.${field}`, amount, 'must be positive')];
    }),
    ...(share !== undefined && share < 1
      ? [invalid(`${path}.averageUtilization`, share, 'must be greater than 0')]
      : []),
  ];
}

function has(object: JsonObject, field: string): boolean {
  return object[field] !== undefined;
}
