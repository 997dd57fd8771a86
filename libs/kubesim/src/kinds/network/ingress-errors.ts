import { subdomainProblems } from '@meridian/cel';
import { goJson, GoText, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { parseAddress } from '../validation/addresses.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { formErrors, optionalForm, textIn } from '../validation/go-fields.ts';
import { backendErrors } from './backend-errors.ts';
import { wildcardProblems } from './host-names.ts';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const notWithin = ['//', '/./', '/../', '%2f', '%2F'];
const notAtEnd = ['/..', '/.'];
const classAnnotation = 'kubernetes.io/ingress.class';

/** What is wrong with an ingress (pkg/apis/networking/validation). */
export function ingressErrors(ingress: KubeObject): FieldError[] {
  const spec = objectAt(ingress, 'spec') ?? {};
  const fallback = objectAt(spec, 'defaultBackend');
  return [
    ...emptyErrors(spec),
    ...(fallback === undefined ? [] : backendErrors(fallback, 'spec.defaultBackend')),
    ...itemsWithPaths(spec['rules'], 'spec.rules').flatMap(ruleErrors),
    ...itemsWithPaths(spec['tls'], 'spec.tls').flatMap(certificateErrors),
    ...classErrors(spec),
  ];
}

/** What else is wrong with an ingress that is new: it may name its class in two ways, but not two classes. */
export function newIngressErrors(ingress: KubeObject): FieldError[] {
  const old = ingress.metadata.annotations?.[classAnnotation];
  const name = textAt(ingress, 'spec', 'ingressClassName');
  if (old === undefined || name === undefined || old === name) return [];
  const why = 'must match `ingressClassName` when both are specified';
  return [invalid(`annotations.${classAnnotation}`, old, why)];
}

/** What is wrong with the status of an ingress. */
export function ingressStatusErrors(ingress: KubeObject): FieldError[] {
  const path = 'status.loadBalancer.ingress';
  const points = objectAt(ingress, 'status', 'loadBalancer')?.['ingress'];
  return itemsWithPaths(points, path).flatMap(([point, at]) => {
    const host = textIn(point, 'hostname');
    const isAddress = host !== '' && parseAddress(host) !== undefined;
    return [
      ...optionalForm(host, `${at}.hostname`, subdomainProblems),
      ...(isAddress ? [invalid(`${at}.hostname`, host, notAnAddress)] : []),
    ];
  });
}

/** What a client is warned of in an ingress. */
export function ingressWarnings(ingress: KubeObject, old: KubeObject | undefined): string[] {
  const annotated = ingress.metadata.annotations?.[classAnnotation] !== undefined;
  return annotated && old === undefined
    ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
    : [];
}

const notAnAddress = 'must be a DNS name, not an IP address';

function emptyErrors(spec: JsonObject): FieldError[] {
  if (itemsAt(spec, 'rules').length > 0 || spec['defaultBackend'] !== undefined) return [];
  const shown = new GoText(goJson(spec['rules'] ?? null));
  return [invalid('spec', shown, 'either `defaultBackend` or `rules` must be specified')];
}

function classErrors(spec: JsonObject): FieldError[] {
  const name = textAt(spec, 'ingressClassName');
  return name === undefined ? [] : formErrors(name, 'spec.ingressClassName', subdomainProblems);
}

function ruleErrors([rule, at]: readonly [JsonObject, string]): FieldError[] {
  const http = objectAt(rule, 'http');
  const errors = hostErrors(textIn(rule, 'host'), `${at}.host`);
  if (http === undefined) return errors;
  const paths = itemsWithPaths(http['paths'], `${at}.http.paths`);
  return [
    ...errors,
    ...(paths.length === 0 ? [required(`${at}.http.paths`)] : []),
    ...paths.flatMap(pathErrors),
  ];
}

function hostErrors(host: string, path: string): FieldError[] {
  if (host === '') return [];
  const isAddress = parseAddress(host) !== undefined;
  return [
    ...(isAddress ? [invalid(path, host, notAnAddress)] : []),
    ...formErrors(host, path, host.includes('*') ? wildcardProblems : subdomainProblems),
  ];
}

function pathErrors([path, at]: readonly [JsonObject, string]): FieldError[] {
  const type = textAt(path, 'pathType');
  if (type === undefined) return [required(`${at}.pathType`, 'pathType must be specified')];
  const given = textIn(path, 'path');
  return [
    ...(pathTypes.includes(type)
      ? formErrors(given, `${at}.path`, type === 'ImplementationSpecific' ? loosePathProblems : pathProblems)
      : [notSupported(`${at}.pathType`, type, pathTypes)]),
    ...backendErrors(objectAt(path, 'backend') ?? {}, `${at}.backend`),
  ];
}

function loosePathProblems(path: string): string[] {
  return path === '' || path.startsWith('/') ? [] : ['must be an absolute path'];
}

function pathProblems(path: string): string[] {
  return [
    ...(path.startsWith('/') ? [] : ['must be an absolute path']),
    ...notWithin.filter((part) => path.includes(part)).map((part) => `must not contain '${part}'`),
    ...notAtEnd.filter((end) => path.endsWith(end)).map((end) => `cannot end with '${end}'`),
  ];
}

function certificateErrors([entry, at]: readonly [JsonObject, string]): FieldError[] {
  const hosts = itemsAt(entry, 'hosts').filter((host) => typeof host === 'string');
  return [
    ...hosts.flatMap((host, index) =>
      formErrors(
        host,
        `${at}.hosts[${String(index)}]`,
        host.includes('*') ? wildcardProblems : subdomainProblems,
      ),
    ),
    ...optionalForm(textIn(entry, 'secretName'), `${at}.secretName`, subdomainProblems),
  ];
}
