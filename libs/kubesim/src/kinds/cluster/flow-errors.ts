import { dnsLabelProblems, subdomainProblems } from '@meridian/cel';
import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { formErrors, numberIn, textIn } from '../validation/go-fields.ts';

// pkg/apis/flowcontrol/validation

type Found = readonly [JsonObject, string];

const mostPrecedence = 10_000;
const methods = ['ByNamespace', 'ByUser'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

/** What is wrong with a FlowSchema. */
export function flowSchemaErrors(schema: KubeObject): FieldError[] {
  const spec = objectAt(schema, 'spec') ?? {};
  return [
    ...precedenceErrors(numberIn(spec, 'matchingPrecedence'), schema.metadata.name ?? ''),
    ...methodErrors(objectAt(spec, 'distinguisherMethod')),
    ...levelErrors(textIn(objectAt(spec, 'priorityLevelConfiguration'), 'name')),
    ...itemsWithPaths(spec['rules'], 'spec.rules').flatMap(ruleErrors),
  ];
}

function precedenceErrors(precedence: number, name: string): FieldError[] {
  const path = 'spec.matchingPrecedence';
  if (precedence <= 0) return [invalid(path, precedence, 'must be a positive value')];
  if (precedence > mostPrecedence) {
    return [invalid(path, precedence, `must not be greater than ${String(mostPrecedence)}`)];
  }
  if (precedence > 1 || name === 'exempt') return [];
  return [invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")];
}

/** The whole method is shown, by the name that its only field has in the API server's code. */
function methodErrors(method: JsonObject | undefined): FieldError[] {
  const type = textIn(method, 'type');
  if (method === undefined || methods.includes(type)) return [];
  return [notSupported('spec.distinguisherMethod.type', { Type: type }, methods)];
}

function levelErrors(name: string): FieldError[] {
  const path = 'spec.priorityLevelConfiguration.name';
  if (name === '') return [required(path, 'must reference a priority level')];
  return formErrors(name, path, subdomainProblems);
}

function ruleErrors([rule, path]: Found): FieldError[] {
  const list = (field: string) => itemsWithPaths(rule[field], `${path}.${field}`);
  const isIdle = ['resourceRules', 'nonResourceRules'].every((field) => list(field).length === 0);
  return [
    ...(list('subjects').length === 0
      ? [required(`${path}.subjects`, 'subjects must contain at least one value')]
      : list('subjects').flatMap(subjectErrors)),
    ...(isIdle
      ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')]
      : []),
    ...list('resourceRules').flatMap(resourceErrors),
    ...list('nonResourceRules').flatMap(otherErrors),
  ];
}

const subjects: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceAccount',
  User: 'user',
  Group: 'group',
};

function subjectErrors([subject, path]: Found): FieldError[] {
  const kind = textIn(subject, 'kind');
  const own = Object.hasOwn(subjects, kind) ? subjects[kind] : undefined;
  if (own === undefined) return [notSupported(`${path}.kind`, kind, Object.keys(subjects).sort())];
  const others = Object.entries(subjects).filter(([, field]) => field !== own && isObject(subject[field]));
  return [
    ...namedErrors(objectAt(subject, own), `${path}.${own}`, kind),
    ...others.map(([name, field]) =>
      forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${name}'`),
    ),
  ];
}

function namedErrors(named: JsonObject | undefined, path: string, kind: string): FieldError[] {
  const field = path.slice(path.lastIndexOf('.') + 1);
  if (named === undefined) return [required(path, `${field} is required when subject kind is '${kind}'`)];
  const name = textIn(named, 'name');
  const isAccount = kind === 'ServiceAccount';
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(isAccount && name !== '' && name !== '*' ? formErrors(name, `${path}.name`, subdomainProblems) : []),
    ...(isAccount ? homeErrors(textIn(named, 'namespace'), `${path}.namespace`) : []),
  ];
}

function homeErrors(namespace: string, path: string): FieldError[] {
  if (namespace === '') return [required(path, 'must specify namespace for service account')];
  return formErrors(namespace, path, dnsLabelProblems);
}

function resourceErrors([rule, path]: Found): FieldError[] {
  const clusterWide = rule['clusterScope'] === true;
  const missing = (what: string) => `resource rules must supply at least one ${what}`;
  return [
    ...verbErrors(rule, path),
    ...starErrors(rule, path, { field: 'apiGroups', what: 'api groups', missing: missing('api group') }),
    ...starErrors(rule, path, { field: 'resources', what: 'resources', missing: missing('resource') }),
    ...(clusterWide && itemsAt(rule, 'namespaces').length === 0
      ? []
      : starErrors(rule, path, {
          field: 'namespaces',
          what: 'namespaces',
          missing: 'resource rules that are not cluster scoped must supply at least one namespace',
        })),
    ...each(rule, path, 'namespaces', (namespace) =>
      dnsLabelProblems(namespace).map(
        (problem) => `each member of this list must be '*' or a DNS-1123 label; ${problem}`,
      ),
    ),
  ];
}

function otherErrors([rule, path]: Found): FieldError[] {
  const missing = 'nonResourceURLs must contain at least one value';
  return [
    ...verbErrors(rule, path),
    ...starErrors(rule, path, { field: 'nonResourceURLs', what: 'non-resource URLs', missing }),
    ...each(rule, path, 'nonResourceURLs', pathProblems),
  ];
}

function textsOf(rule: JsonObject, field: string): string[] {
  return itemsAt(rule, field).map(String);
}

function verbErrors(rule: JsonObject, path: string): FieldError[] {
  const said = textsOf(rule, 'verbs');
  const missing = 'verbs must contain at least one value';
  const isKnown = said.includes('*') || said.every((verb) => verbs.includes(verb));
  return [
    ...starErrors(rule, path, { field: 'verbs', what: 'verbs', missing }),
    ...(isKnown ? [] : [notSupported(`${path}.verbs`, said, verbs)]),
  ];
}

/** A list that says something: either a star or what it names. */
function starErrors(
  rule: JsonObject,
  path: string,
  { field, what, missing }: { readonly field: string; readonly what: string; readonly missing: string },
): FieldError[] {
  const said = textsOf(rule, field);
  if (said.length === 0) return [required(`${path}.${field}`, missing)];
  if (said.length === 1 || !said.includes('*')) return [];
  return [invalid(`${path}.${field}`, said, `if '*' is present, must not specify other ${what}`)];
}

/** What is wrong with each item of a list that has no star. */
function each(
  rule: JsonObject,
  path: string,
  field: string,
  problems: (text: string) => string[],
): FieldError[] {
  const said = textsOf(rule, field);
  if (said.includes('*')) return [];
  return said.flatMap((text, index) => formErrors(text, `${path}.${field}[${String(index)}]`, problems));
}

function pathProblems(path: string): string[] {
  if (path === '') return ['must not be empty'];
  if (!path.startsWith('/')) return ['must start with slash'];
  if (path.includes(' ')) return ['must not contain white-space'];
  if (path.includes('//')) return ['must not contain double slash'];
  return /^[^*]*(\/\*)?$/.test(path) ? [] : ['wildcard can only do suffix matching'];
}
