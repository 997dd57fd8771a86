import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { atLeast, itemsWithPaths, notNegative, oneOf } from '../validation/checks.ts';
import { numberIn, textIn } from '../validation/go-fields.ts';
import { metricErrors, referenceErrors } from './metric-errors.ts';
import { isNegative } from './quantities.ts';

const longestWindow = 3_600;
const longestPeriod = 1_800;

/** What is wrong with an autoscaler. A target whose version was wrong before may stay so. */
export function autoscalerErrors(autoscaler: KubeObject, old?: KubeObject): FieldError[] {
  const spec = objectAt(autoscaler, 'spec') ?? {};
  const target = objectAt(spec, 'scaleTargetRef') ?? {};
  const before = objectAt(old, 'spec', 'scaleTargetRef');
  const mayStay = before !== undefined && versionProblem(before) !== undefined;
  return [
    ...boundErrors(spec),
    ...referenceErrors(target, 'spec.scaleTargetRef'),
    ...versionErrors(target, mayStay),
    ...itemsWithPaths(spec['metrics'], 'spec.metrics').flatMap(metricErrors),
    ...zeroErrors(spec),
    ...['scaleUp', 'scaleDown'].flatMap((field) => {
      const rules = objectAt(spec, 'behavior', field);
      return rules === undefined ? [] : ruleErrors(rules, `spec.behavior.${field}`);
    }),
  ];
}

/** What is wrong with the status of an autoscaler. */
export function autoscalerStatusErrors(autoscaler: KubeObject): FieldError[] {
  const status = objectAt(autoscaler, 'status') ?? {};
  return ['currentReplicas', 'desiredReplicas'].flatMap((field) =>
    notNegative(status[field], `status.${field}`),
  );
}

function versionErrors(target: JsonObject, mayStay: boolean): FieldError[] {
  const problem = mayStay ? undefined : versionProblem(target);
  if (problem === undefined) return [];
  return [invalid('spec.scaleTargetRef.apiVersion', textIn(target, 'apiVersion'), problem)];
}

/** Only replication controllers have no group. */
function versionProblem(target: JsonObject): string | undefined {
  const version = textIn(target, 'apiVersion');
  const parts = version.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${version}`;
  const isGrouped = (parts.length === 2 && parts[0] !== '') || target['kind'] === 'ReplicationController';
  return isGrouped ? undefined : 'apiVersion must specify API group';
}

function boundErrors(spec: JsonObject): FieldError[] {
  const [least, most] = [numberAt(spec, 'minReplicas'), numberIn(spec, 'maxReplicas')];
  return [
    ...atLeast(least, 'spec.minReplicas', 1),
    ...(most === 0
      ? [required('spec.maxReplicas', 'must be set and greater than 0')]
      : atLeast(most, 'spec.maxReplicas', 1)),
    ...(least !== undefined && most < least
      ? [invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')]
      : []),
  ];
}

/** Without pods there is nothing whose use could be measured. */
function zeroErrors(spec: JsonObject): FieldError[] {
  const outside = itemsAt(spec, 'metrics').some((metric) =>
    ['External', 'Object'].includes(textAt(metric, 'type') ?? ''),
  );
  if (spec['minReplicas'] !== 0 || outside) return [];
  const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
  return [forbidden('spec.metrics', why)];
}

function ruleErrors(rules: JsonObject, path: string): FieldError[] {
  const policies = itemsWithPaths(rules['policies'], `${path}.policies`);
  const tolerance = textAt(rules, 'tolerance') ?? '';
  return [
    ...windowErrors(numberAt(rules, 'stabilizationWindowSeconds'), `${path}.stabilizationWindowSeconds`),
    ...oneOf(rules['selectPolicy'], `${path}.selectPolicy`, ['Disabled', 'Max', 'Min']),
    ...(policies.length === 0 ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...policies.flatMap(policyErrors),
    ...(isNegative(tolerance)
      ? [invalid(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0')]
      : []),
  ];
}

function windowErrors(seconds: number | undefined, path: string): FieldError[] {
  if (seconds === undefined) return [];
  if (seconds < 0) return [invalid(path, seconds, 'must be greater than or equal to zero')];
  if (seconds <= longestWindow) return [];
  return [invalid(path, seconds, `must be less than or equal to ${String(longestWindow)}`)];
}

function policyErrors([policy, at]: readonly [JsonObject, string]): FieldError[] {
  const type = textIn(policy, 'type');
  const period = numberIn(policy, 'periodSeconds');
  const positive = ['value', 'periodSeconds'].filter((field) => numberIn(policy, field) <= 0);
  return [
    ...(['Percent', 'Pods'].includes(type) ? [] : [notSupported(`${at}.type`, type, ['Percent', 'Pods'])]),
    ...positive.map((field) =>
      invalid(`${at}.${field}`, numberIn(policy, field), 'must be greater than zero'),
    ),
    ...(period > longestPeriod
      ? [invalid(`${at}.periodSeconds`, period, `must be less than or equal to ${String(longestPeriod)}`)]
      : []),
  ];
}
