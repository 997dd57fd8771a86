import { dnsLabelProblems, pathSegmentProblems, subdomainProblems } from '@meridian/cel';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { portName, portNumber } from '../validation/checks.ts';
import { formErrors, numberIn, textIn } from '../validation/go-fields.ts';

/** What is wrong with where an ingress sends requests: to a service or to another object. */
export function backendErrors(backend: JsonObject, path: string): FieldError[] {
  const [service, resource] = [objectAt(backend, 'service'), objectAt(backend, 'resource')];
  if (service !== undefined && resource !== undefined) {
    return [invalid(path, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return resourceErrors(resource, `${path}.resource`);
  return service === undefined
    ? [invalid(path, '', 'resource or service backend is required')]
    : serviceErrors(service, path);
}

function resourceErrors(resource: JsonObject, path: string): FieldError[] {
  const group = textAt(resource, 'apiGroup');
  return [
    ...(group === undefined ? [] : formErrors(group, `${path}.apiGroup`, subdomainProblems)),
    ...neededForm(textIn(resource, 'kind'), `${path}.kind`, pathSegmentProblems),
    ...neededForm(textIn(resource, 'name'), `${path}.name`, pathSegmentProblems),
  ];
}

function serviceErrors(service: JsonObject, path: string): FieldError[] {
  const at = `${path}.service`;
  return [
    ...neededForm(textIn(service, 'name'), `${at}.name`, dnsLabelProblems),
    ...portErrors(objectAt(service, 'port'), path),
  ];
}

function portErrors(port: JsonObject | undefined, path: string): FieldError[] {
  const [name, number] = [textIn(port, 'name'), numberIn(port, 'number')];
  if (name !== '' && number !== 0) return [invalid(path, '', 'cannot set both port name & port number')];
  if (name !== '') return portName(name, `${path}.service.port.name`);
  return number === 0
    ? [required(path, 'port name or number is required')]
    : portNumber(number, `${path}.service.port.number`);
}

function neededForm(text: string, path: string, problems: (text: string) => string[]): FieldError[] {
  return text === '' ? [required(path)] : formErrors(text, path, problems);
}
