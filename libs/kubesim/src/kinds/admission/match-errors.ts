import { pathSegmentProblems } from '@meridian/cel';
import { duplicate, forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { itemsWithPaths, needed } from '../validation/checks.ts';
import { choice } from '../validation/pod/forms.ts';
import { labelSelectorErrors } from '../validation/selector-errors.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** What is wrong with which requests a policy is for (`validateMatchResources`); nothing when it does not say. */
export function matchErrors(match: JsonObject | undefined, path: string): FieldError[] {
  if (match === undefined) return [];
  const rules = (field: string) => itemsWithPaths(match[field], `${path}.${field}`).flatMap(ruleErrors);
  return [
    ...choice(match['matchPolicy'], `${path}.matchPolicy`, ['Equivalent', 'Exact']),
    ...labelSelectorErrors(objectAt(match, 'namespaceSelector'), `${path}.namespaceSelector`),
    ...labelSelectorErrors(objectAt(match, 'objectSelector'), `${path}.objectSelector`),
    ...rules('resourceRules'),
    ...rules('excludeResourceRules'),
  ];
}

/** What is wrong with which resources and operations a rule of a policy or a webhook is for. */
export function ruleErrors([rule, path]: readonly [JsonObject, string]): FieldError[] {
  const [named, asked, groups, versions] = ['resourceNames', 'operations', 'apiGroups', 'apiVersions'].map(
    (field) => textItems(rule, field),
  );
  return [
    ...(named ?? []).flatMap((name, index) => nameErrors(name, `${path}.resourceNames[${String(index)}]`)),
    ...repeated(named ?? [], `${path}.resourceNames`),
    ...anyOrSome(asked ?? [], `${path}.operations`, 'operations'),
    ...(asked ?? [])
      .map((one, index) => [one, `${path}.operations[${String(index)}]`] as const)
      .filter(([one]) => !operations.includes(one))
      .map(([one, at]) => notSupported(at, one, operations)),
    ...anyOrSome(groups ?? [], `${path}.apiGroups`, 'API groups'),
    ...anyOrSome(versions ?? [], `${path}.apiVersions`, 'API versions'),
    ...missing(versions ?? [], `${path}.apiVersions`),
    ...resourceErrors(textItems(rule, 'resources'), `${path}.resources`),
    ...choice(rule['scope'], `${path}.scope`, ['*', 'Cluster', 'Namespaced']),
  ];
}

/** Decoding has left nothing but texts in these lists. */
function textItems(rule: JsonObject, field: string): string[] {
  return itemsAt(rule, field).filter((item) => typeof item === 'string');
}

function nameErrors(name: string, path: string): FieldError[] {
  return pathSegmentProblems(name).map((problem) => invalid(path, name, problem));
}

function repeated(items: readonly string[], path: string): FieldError[] {
  return items.flatMap((item, index) =>
    items.indexOf(item) < index ? [duplicate(`${path}[${String(index)}]`, item)] : [],
  );
}

/** A list that says something: either a star or what it names. */
function anyOrSome(items: readonly string[], path: string, what: string): FieldError[] {
  if (items.length === 0) return [required(path)];
  if (items.length === 1 || !items.includes('*')) return [];
  return [invalid(path, [...items], `if '*' is present, must not specify other ${what}`)];
}

function missing(items: readonly string[], path: string): FieldError[] {
  return items.flatMap((item, index) => (item === '' ? [required(`${path}[${String(index)}]`)] : []));
}

function resourceErrors(texts: readonly string[], path: string): FieldError[] {
  if (texts.length === 0) return [required(path)];
  const errors = [...missing(texts, path), ...coveredErrors(texts, path)];
  if (texts.length > 1 && texts.includes('*/*')) {
    errors.push(invalid(path, [...texts], "if '*/*' is present, must not specify other resources"));
  }
  // The last name without a subresource decides, as it does in the real server.
  const last = texts.findLast((text) => text !== '' && !text.includes('/')) ?? '*';
  if (texts.includes('*') && last !== '*') {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, [...texts], why));
  }
  return errors;
}

/** A subresource that an entry before it names already by a star. */
function coveredErrors(texts: readonly string[], path: string): FieldError[] {
  return texts.flatMap((text, index) => {
    const [name = '', ...rest] = text.split('/');
    if (rest.length === 0) return [];
    const covers = [`${name}/*`, `*/${rest.join('/')}`].filter((cover) => texts.indexOf(cover) >= 0);
    return covers
      .filter((cover) => texts.indexOf(cover) < index)
      .map((cover) =>
        invalid(`${path}[${String(index)}]`, text, `if '${cover}' is present, must not specify ${text}`),
      );
  });
}

const bothWays = 'name and selector are mutually exclusive';

/** What is wrong with which parameters a binding gives its policy; nothing when it gives none. */
export function parameterErrors(reference: JsonObject | undefined, path: string): FieldError[] {
  if (reference === undefined) return [];
  const name = textAt(reference, 'name') ?? '';
  const selector = objectAt(reference, 'selector');
  const both = name !== '' && selector !== undefined;
  return [
    ...nameErrors(name, `${path}.name`),
    ...(both ? [forbidden(`${path}.name`, bothWays)] : []),
    ...labelSelectorErrors(selector, `${path}.selector`),
    ...(both ? [forbidden(`${path}.selector`, bothWays)] : []),
    ...(name === '' && selector === undefined
      ? [required(path, 'one of name or selector must be specified')]
      : []),
    ...needed(textAt(reference, 'parameterNotFoundAction') ?? '', `${path}.parameterNotFoundAction`, [
      'Deny',
      'Allow',
    ]),
  ];
}
