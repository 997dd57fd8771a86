import { subdomainProblems } from '@meridian/cel';
import { forbidden, GoText, invalid, notSupported, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, numberAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { goInternalText } from '../../../schema/go-internal.ts';
import { itemsWithPaths } from '../checks.ts';
import { labelSelectorErrors } from '../selector-errors.ts';
import { fieldErrors, fileFields, resourceFieldErrors } from './env-errors.ts';
import { formed, given, objectFields, partOf, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { notReserved } from './paths.ts';

const mostMode = 0o777;

/** What is wrong with the mode of a file. */
export function modeErrors(mode: Json | undefined, path: string): FieldError[] {
  if (typeof mode !== 'number' || (mode >= 0 && mode <= mostMode)) return [];
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

/** What is wrong with where a key of a config map or secret goes. */
export function pathItemErrors([item, path]: Placed): FieldError[] {
  return [
    ...given(textOf(item, 'key'), `${path}.key`),
    ...given(textOf(item, 'path'), `${path}.path`),
    ...notReserved(textOf(item, 'path'), `${path}.path`),
    ...modeErrors(item['mode'], `${path}.mode`),
  ];
}

/** What is wrong with a volume of facts about the pod. The server names the volume, not the file, in what it finds. */
export function downwardErrors(source: JsonObject, path: string): FieldError[] {
  return [
    ...modeErrors(source['defaultMode'], `${path}.defaultMode`),
    ...itemsWithPaths(source['items'], path).flatMap(([file]) => fileErrors(file, path)),
  ];
}

function fileErrors(file: JsonObject, path: string): FieldError[] {
  const [field, resource] = [objectAt(file, 'fieldRef'), objectAt(file, 'resourceFieldRef')];
  const target = textOf(file, 'path');
  const errors = [...given(target, `${path}.path`), ...notReserved(target, `${path}.path`)];
  if (field !== undefined) {
    errors.push(...fieldErrors(field, `${path}.fieldRef`, fileFields));
    const why = 'fieldRef and resourceFieldRef can not be specified simultaneously';
    if (resource !== undefined) errors.push(invalid(path, 'resource', why));
  } else if (resource !== undefined) {
    errors.push(...resourceFieldErrors(resource, `${path}.resourceFieldRef`, true));
  } else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...modeErrors(file['mode'], `${path}.mode`)];
}

/** Paths that were taken in a volume; it gives the error of one that is taken twice. */
type Taking = (target: string, shown: string) => FieldError[];

/** What is wrong with a volume that holds several sources (validateProjectionSources of pkg/apis/core/validation). */
export function projectedErrors(volume: JsonObject, path: string): FieldError[] {
  const taken = new Set<string>();
  const take: Taking = (target, shown) => {
    if (taken.has(target)) return [invalid(path, shown, 'conflicting duplicate paths')];
    taken.add(target);
    return [];
  };
  return [
    ...modeErrors(volume['defaultMode'], `${path}.defaultMode`),
    ...itemsWithPaths(volume['sources'], `${path}.sources`).flatMap(([source, at]) =>
      sourceErrors([source, at], take, path),
    ),
  ];
}

type ProjectionCheck = (source: JsonObject, path: string, take: Taking, volume: string) => FieldError[];

const projections: Readonly<Record<string, ProjectionCheck>> = {
  secret: keyedErrors,
  configMap: keyedErrors,
  downwardAPI: (source, path, take) =>
    itemsWithPaths(source['items'], path).flatMap(([file]) => [
      ...fileErrors(file, path),
      ...taken(textOf(file, 'path'), textOf(file, 'path'), take),
    ]),
  serviceAccountToken: tokenErrors,
  clusterTrustBundle: bundleErrors,
  podCertificate: certificateErrors,
};

function sourceErrors([source, path]: Placed, take: Taking, volume: string): FieldError[] {
  const used = objectFields(source, Object.keys(projections));
  const errors = used.flatMap(
    (kind) => projections[kind]?.(partOf(source, kind), `${path}.${kind}`, take, volume) ?? [],
  );
  if (used.length <= 1) return errors;
  return [...errors, forbidden(path, 'may not specify more than 1 volume type per source')];
}

function taken(target: string, shown: string, take: Taking): FieldError[] {
  return target === '' ? [] : take(target, shown);
}

function keyedErrors(source: JsonObject, path: string, take: Taking): FieldError[] {
  const name = textOf(source, 'name');
  return [
    ...given(name, `${path}.name`),
    ...itemsWithPaths(source['items'], `${path}.items`).flatMap((item) => [
      ...pathItemErrors(item),
      ...taken(textOf(item[0], 'path'), name, take),
    ]),
  ];
}

const leastSeconds = 600;

function tokenErrors(source: JsonObject, path: string, _: Taking, volume: string): FieldError[] {
  const seconds = numberAt(source, 'expirationSeconds') ?? 0;
  const target = textOf(source, 'path');
  const at = `${path}.expirationSeconds`;
  const errors: FieldError[] = [];
  if (seconds < leastSeconds) {
    errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > 2 ** 32) {
    errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  return [
    ...errors,
    ...(target === '' ? [required(`${volume}.path`)] : notReserved(target, `${volume}.path`)),
  ];
}

function bundleErrors(source: JsonObject, path: string, take: Taking): FieldError[] {
  const target = textOf(source, 'path');
  return [
    ...bundleNameErrors(source, path),
    ...given(target, `${path}.path`),
    ...notReserved(target, `${path}.path`),
    ...take(target, target),
  ];
}

function bundleNameErrors(source: JsonObject, path: string): FieldError[] {
  const [name, signer] = [textAt(source, 'name'), textAt(source, 'signerName')];
  if (name !== undefined && signer !== undefined) {
    const shown = new GoText(goInternalText(source, 'core.ClusterTrustBundleProjection'));
    return [invalid(path, shown, 'only one of name and signerName may be used')];
  }
  if (name !== undefined) {
    const form = subdomainProblems(name).map((problem) => `not a valid clustertrustbundlename: ${problem}`);
    return [
      ...given(name, `${path}.name`, 'must be a valid object name'),
      ...form.map((problem) => invalid(`${path}.name`, name, problem)),
      ...(isObject(source['labelSelector'])
        ? [
            invalid(
              `${path}.labelSelector`,
              source['labelSelector'],
              'labelSelector must be unset if name is specified',
            ),
          ]
        : []),
    ];
  }
  if (signer === undefined) return [required(path, 'either name or signerName must be specified')];
  return [
    ...given(signer, `${path}.signerName`, 'must be a valid signer name'),
    ...labelSelectorErrors(objectAt(source, 'labelSelector'), `${path}.labelSelector`),
  ];
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];

function certificateErrors(source: JsonObject, path: string, take: Taking): FieldError[] {
  const type = textOf(source, 'keyType');
  const fields = ['credentialBundlePath', 'keyPath', 'certificateChainPath'];
  const used = fields.filter((field) => textOf(source, field) !== '');
  const missing = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath';
  return [
    ...(keyTypes.includes(type) ? [] : [notSupported(`${path}.keyType`, type, keyTypes)]),
    ...lifetimeErrors(numberAt(source, 'maxExpirationSeconds'), `${path}.maxExpirationSeconds`),
    ...used.flatMap((field) => [
      ...notReserved(textOf(source, field), `${path}.${field}`),
      ...take(textOf(source, field), textOf(source, field)),
    ]),
    ...(used.length === 0 ? [required(path, missing)] : []),
  ];
}

const shortest = 3600;
const longest = 91 * 86_400;

function lifetimeErrors(seconds: number | undefined, path: string): FieldError[] {
  if (seconds === undefined || (seconds >= shortest && seconds <= longest)) return [];
  const bound = seconds < shortest ? `>= ${String(shortest)}` : `<= ${String(longest)}`;
  return formed(String(seconds), path, () => [`if provided, maxExpirationSeconds must be ${bound}`]);
}
