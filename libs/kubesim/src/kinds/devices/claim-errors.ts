import { dnsLabelProblems } from '@meridian/cel';
import { duplicate, GoText, invalid, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';
import { configurationErrors, driverNameErrors } from './configuration-errors.ts';
import { listErrors, mostItems } from './device-class-errors.ts';
import { choiceErrors } from './request-errors.ts';

// pkg/apis/resource/validation

type Found = readonly [JsonObject, string];

const mostAlternatives = 8;
const longestIdentifier = 32;
const either = 'exactly one of `exactly` or `firstAvailable` is required';
const identifierWords =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

/** What is wrong with what a claim asks for, at the path of its spec. */
export function claimErrors(spec: JsonObject | undefined, path: string): FieldError[] {
  const devices = objectAt(spec, 'devices') ?? {};
  const at = `${path}.devices`;
  const names = requestNames(devices);
  return [
    ...namedErrors(devices['requests'], `${at}.requests`, requestErrors, mostItems),
    ...listErrors(devices['constraints'], `${at}.constraints`, (found) => constraintErrors(found, names)),
    ...listErrors(devices['config'], `${at}.config`, (found) => [
      ...referenceErrors(found[0], `${found[1]}.requests`, names),
      ...configurationErrors(found),
    ]),
  ];
}

/** What devices may be called by in the rest of a claim: a request, or one of its alternatives. */
function requestNames(devices: JsonObject): ReadonlySet<string> {
  const requests = itemsAt(devices, 'requests').filter(isObject);
  return new Set(
    requests.flatMap((request) => {
      const name = textIn(request, 'name');
      const alternatives = itemsAt(request, 'firstAvailable').filter(isObject);
      return [name, ...alternatives.map((one) => `${name}/${textIn(one, 'name')}`)];
    }),
  );
}

/** A list of things by name, which stand in it once. */
function namedErrors(
  list: Json | undefined,
  path: string,
  check: (found: Found) => readonly FieldError[],
  most: number,
): FieldError[] {
  const items = itemsWithPaths(list, path);
  const errors = listErrors(list, path, check, most);
  if (items.length > most) return errors;
  const names = items.map(([item]) => textIn(item, 'name'));
  return [...errors, ...repeated(names, path)];
}

function repeated(names: readonly string[], path: string): FieldError[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [duplicate(`${path}[${String(index)}]`, name)] : [],
  );
}

function requestErrors([request, path]: Found): FieldError[] {
  const exactly = objectAt(request, 'exactly');
  const alternatives = itemsAt(request, 'firstAvailable');
  const name = formErrors(textIn(request, 'name'), `${path}.name`, dnsLabelProblems);
  if (exactly === undefined && alternatives.length === 0) return [...name, required(path, either)];
  if (exactly === undefined) {
    const at = `${path}.firstAvailable`;
    return [...name, ...namedErrors(request['firstAvailable'], at, alternativeErrors, mostAlternatives)];
  }
  if (alternatives.length === 0) return [...name, ...choiceErrors(exactly, `${path}.exactly`)];
  return [...name, invalid(path, new GoText('null'), `${either}, but multiple fields are set`)];
}

function alternativeErrors([alternative, path]: Found): FieldError[] {
  return [
    ...formErrors(textIn(alternative, 'name'), `${path}.name`, dnsLabelProblems),
    ...choiceErrors(alternative, path),
  ];
}

function constraintErrors([constraint, path]: Found, names: ReadonlySet<string>): FieldError[] {
  const attribute = ['matchAttribute', 'distinctAttribute'].find(
    (field) => typeof constraint[field] === 'string',
  );
  const missing =
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [
    ...referenceErrors(constraint, `${path}.requests`, names),
    ...(attribute === undefined
      ? [required(path, missing)]
      : attributeErrors(textIn(constraint, attribute), `${path}.${attribute}`)),
  ];
}

const unknown =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

function referenceErrors(holder: JsonObject, path: string, names: ReadonlySet<string>): FieldError[] {
  const said = itemsAt(holder, 'requests').map(String);
  const errors = said.flatMap((name, index) => {
    const at = `${path}[${String(index)}]`;
    const parts = name.split('/');
    if (parts.length > 2) return [invalid(at, name, unknown)];
    return [
      ...parts.flatMap((part) => formErrors(part, at, dnsLabelProblems)),
      ...(names.has(name) ? [] : [invalid(at, name, unknown)]),
    ];
  });
  return [...errors, ...repeated(said, path)];
}

function attributeErrors(name: string, path: string): FieldError[] {
  const parts = name.split('/');
  if (parts.length > 2) return [];
  const [own = '', domain] = parts.toReversed();
  const isUnnamed = domain !== undefined && own === '';
  return [
    ...(domain === '' ? [invalid(path, '', 'the domain must not be empty')] : []),
    ...(domain === undefined || domain === '' ? [] : driverNameErrors(domain, path)),
    ...(isUnnamed ? [invalid(path, '', 'the name must not be empty')] : identifierErrors(own, path)),
    ...(domain === undefined
      ? [invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash')]
      : []),
  ];
}

function identifierErrors(name: string, path: string): FieldError[] {
  return [
    ...(Buffer.byteLength(name) > longestIdentifier ? [tooLong(path, longestIdentifier)] : []),
    ...(/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? [] : [invalid(path, name, identifierWords)]),
  ];
}
