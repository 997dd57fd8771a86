import { dnsLabelProblems, pathSegmentProblems, subdomainProblems } from '@meridian/cel';
import { forbidden, invalid, notSupported, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';

/** What is wrong with a class of ingresses. */
export function ingressClassErrors(ingressClass: KubeObject): FieldError[] {
  const parameters = objectAt(ingressClass, 'spec', 'parameters');
  return [
    ...controllerErrors(textAt(ingressClass, 'spec', 'controller') ?? ''),
    ...(parameters === undefined ? [] : parameterErrors(parameters)),
  ];
}

function controllerErrors(controller: string): FieldError[] {
  const path = 'spec.controller';
  if (controller === '') return [required(path)];
  const long = Buffer.byteLength(controller) > longestController ? [tooLong(path, longestController)] : [];
  const slash = controller.indexOf('/');
  const [host, rest] = [controller.slice(0, slash), controller.slice(slash + 1)];
  if (slash < 1 || rest === '') {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [...long, invalid(path, controller, why)];
  }
  return [
    ...long,
    ...formErrors(host, path, subdomainProblems),
    ...(pathForm.test(rest) ? [] : [invalid(path, rest, pathWords)]),
  ];
}

const longestController = 250;
const pathForm = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const pathWords = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";

function parameterErrors(parameters: JsonObject): FieldError[] {
  const at = 'spec.parameters';
  const group = textAt(parameters, 'apiGroup');
  return [
    ...(group === undefined ? [] : formErrors(group, `${at}.apiGroup`, subdomainProblems)),
    ...['kind', 'name'].flatMap((field) => {
      const text = textIn(parameters, field);
      return text === ''
        ? [required(`${at}.${field}`)]
        : formErrors(text, `${at}.${field}`, pathSegmentProblems);
    }),
    ...scopeErrors(parameters, at),
  ];
}

function scopeErrors(parameters: JsonObject, at: string): FieldError[] {
  const scope = textIn(parameters, 'scope');
  const namespace = textAt(parameters, 'namespace');
  const path = `${at}.namespace`;
  if (scope === 'Cluster') {
    if (namespace === undefined) return [];
    return [forbidden(path, "`parameters.scope` is set to 'Cluster'")];
  }
  if (scope !== 'Namespace') return [notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace'])];
  return namespace === undefined
    ? [required(path, "`parameters.scope` is set to 'Namespace'")]
    : formErrors(namespace, path, dnsLabelProblems);
}
