import { serviceLabelProblems, subdomainProblems } from '@meridian/cel';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { formErrors, numberIn, optionalForm, textIn } from '../validation/go-fields.ts';
import { servicePortErrors } from '../validation/webhook-client-errors.ts';

// pkg/apis/apiregistration/validation of k8s.io/kube-aggregator

/** What is wrong with an APIService. */
export function apiServiceErrors(apiService: KubeObject): FieldError[] {
  const spec = objectAt(apiService, 'spec') ?? {};
  const [group, version] = [textIn(spec, 'group'), textIn(spec, 'version')];
  const service = objectAt(spec, 'service');
  return [
    ...nameErrors(apiService.metadata.name ?? '', `${version}.${group}`),
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...optionalForm(group, 'spec.group', subdomainProblems),
    ...formErrors(version, 'spec.version', serviceLabelProblems),
    ...priorityErrors(spec, 'groupPriorityMinimum', 20_000),
    ...priorityErrors(spec, 'versionPriority', 1000),
    ...(service === undefined ? localErrors(spec) : serviceErrors(service, spec)),
  ];
}

function nameErrors(name: string, wanted: string): FieldError[] {
  if (name === wanted || /[/%]/.test(name)) return [];
  return [invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: "${wanted}"`)];
}

function priorityErrors(spec: JsonObject, field: string, most: number): FieldError[] {
  const priority = numberIn(spec, field);
  if (priority > 0 && priority <= most) return [];
  return [invalid(`spec.${field}`, priority, `must be positive and less than ${String(most)}`)];
}

const insecure = 'spec.insecureSkipTLSVerify';

/** What the API server serves itself needs no trust. */
function localErrors(spec: JsonObject): FieldError[] {
  const bytes = Buffer.from(textIn(spec, 'caBundle'), 'base64').length;
  const bundle = 'local APIServices may not have a caBundle';
  return [
    ...(bytes > 0 ? [invalid('spec.caBundle', `${String(bytes)} bytes`, bundle)] : []),
    ...(spec['insecureSkipTLSVerify'] === true
      ? [invalid(insecure, true, 'local APIServices may not have insecureSkipTLSVerify')]
      : []),
  ];
}

function serviceErrors(service: JsonObject, spec: JsonObject): FieldError[] {
  const isTorn = spec['insecureSkipTLSVerify'] === true && textIn(spec, 'caBundle') !== '';
  return [
    ...['namespace', 'name']
      .filter((field) => textIn(service, field) === '')
      .map((field) => required(`spec.service.${field}`)),
    ...servicePortErrors(numberIn(service, 'port'), 'spec.service.port'),
    ...(isTorn ? [invalid(insecure, true, 'may not be true if caBundle is present')] : []),
  ];
}
