import type { TargetFields } from './kustomization.ts';
import { compileRegex, type Matcher } from './regex.ts';
import { refuse } from './refusal.ts';
import { allIdsOf, effectiveNamespace, metadataOf, type Id, type Resource } from './resource.ts';
import { fieldOf, isFields, textOf, type Fields } from './value.ts';
import type { Place } from './files.ts';

/** The resources that a patch target selects, by any id they have or had. */
export function selectResources(
  resources: readonly Resource[],
  target: TargetFields,
  place: Place,
): Resource[] {
  const matches = idMatcher(target, place);
  const labels = parseSelector(target.labelSelector ?? '', place);
  const annotations = parseSelector(target.annotationSelector ?? '', place);
  return resources.filter((resource) => {
    const metadata = metadataOf(resource);
    return (
      allIdsOf(resource).some(matches) &&
      labels.every((holds) => holds(mapOf(metadata, 'labels'))) &&
      annotations.every((holds) => holds(mapOf(metadata, 'annotations')))
    );
  });
}

function mapOf(metadata: Fields, key: string): Fields {
  const map = fieldOf(metadata, key);
  return isFields(map) ? map : {};
}

function idMatcher(target: TargetFields, place: Place): (id: Id) => boolean {
  const matcher = (field: 'group' | 'version' | 'kind' | 'name' | 'namespace'): Matcher => {
    const pattern = target[field] ?? '';
    if (pattern === '') return () => true;
    const anchored = `${pattern.startsWith('^') ? '' : '^'}${pattern}${pattern.endsWith('$') ? '' : '$'}`;
    const compiled = compileRegex(anchored);
    if (typeof compiled === 'function') return compiled;
    refuse({
      ...place,
      message: `the pattern ${JSON.stringify(pattern)} of ${field} cannot be used: ${compiled.refused}`,
      fix: 'write a simpler pattern',
    });
  };
  const [group, version, kind] = [matcher('group'), matcher('version'), matcher('kind')];
  const [name, namespace] = [matcher('name'), matcher('namespace')];
  return (id) =>
    group(id.group) &&
    version(id.version) &&
    kind(id.kind) &&
    name(id.name) &&
    namespace(effectiveNamespace(id));
}

type Requirement = (labels: Fields) => boolean;

/** Parses a Kubernetes selector text such as `app=web,tier in (a, b),!legacy`. */
export function parseSelector(text: string, place: Place): Requirement[] {
  if (text.trim() === '') return [];
  return splitOutside(text).map((part) => parseRequirement(part.trim(), place));
}

/** Splits at commas that are not inside brackets. */
function splitOutside(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + char);
  }
  return parts;
}

const key = String.raw`([A-Za-z0-9][-A-Za-z0-9_./]*)`;
const equality = new RegExp(`^${key} *(==|=|!=) *([-A-Za-z0-9_.]*)$`);
const membership = new RegExp(`^${key} +(in|notin) *\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?) *${key}$`);

function parseRequirement(text: string, place: Place): Requirement {
  const requirement =
    text.length > 1000 ? undefined : (equalityIn(text) ?? membershipIn(text) ?? existenceIn(text));
  if (requirement) return requirement;
  const message = `the selector ${JSON.stringify(text.slice(0, 200))} cannot be read`;
  refuse({ ...place, message, fix: 'write key=value, key in (a, b) or !key' });
}

function valueOf(labels: Fields, name: string): string | undefined {
  const value = fieldOf(labels, name);
  return value === undefined ? undefined : textOf(value);
}

function equalityIn(text: string): Requirement | undefined {
  const [, name = '', sign, wanted] = equality.exec(text) ?? [];
  return sign === undefined ? undefined : (labels) => (valueOf(labels, name) === wanted) === (sign !== '!=');
}

function membershipIn(text: string): Requirement | undefined {
  const [, name = '', word, list = ''] = membership.exec(text) ?? [];
  if (word === undefined) return undefined;
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = valueOf(labels, name);
    return (value !== undefined && values.has(value)) === (word === 'in');
  };
}

function existenceIn(text: string): Requirement | undefined {
  const [, not, name = ''] = existence.exec(text) ?? [];
  return not === undefined ? undefined : (labels) => (valueOf(labels, name) !== undefined) === (not === '');
}
