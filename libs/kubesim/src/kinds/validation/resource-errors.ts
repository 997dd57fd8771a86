import { dnsLabelProblems, labelKeyProblems, parseQuantity } from '@meridian/cel';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { countedResources, standardOfContainers, standardResources } from '../standard-resources.ts';
import { itemsWithPaths } from './checks.ts';
import { formedIfAny, textOf } from './pod/forms.ts';

type Amounts = Readonly<Record<string, string>>;
type NameCheck = (name: string, path: string) => FieldError[];

const one = 1_000_000_000n;

/**
 * What is wrong with the resources that a container requests and is limited to, and with the claims of its pod that it uses
 * (ValidateContainerResourceRequirements of pkg/apis/core/validation).
 */
export function resourceErrors(
  resources: JsonObject,
  path: string,
  claims: readonly string[] = [],
): FieldError[] {
  return [
    ...requirementErrors(resources, path, containerNameErrors),
    ...claimUseErrors(resources, `${path}.claims`, claims),
  ];
}

/** What is wrong with the resources of a pod as a whole, which may be of a few kinds only. */
export function podResourceErrors(resources: JsonObject, path: string): FieldError[] {
  return requirementErrors(resources, path, podNameErrors);
}

function requirementErrors(resources: JsonObject, path: string, check: NameCheck): FieldError[] {
  const limits = textsAt(resources, 'limits');
  const requests = textsAt(resources, 'requests');
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const lonely = names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory');
  return [
    ...Object.entries(limits).flatMap((amount) => amountErrors(amount, `${path}.limits`, check)),
    ...Object.entries(requests).flatMap(([name, amount]) => {
      const errors = amountErrors([name, amount], `${path}.requests`, check);
      return [
        ...errors.filter((error) => !isPageError(error)),
        ...overcommitErrors([name, amount], limits, path),
        ...errors.filter(isPageError),
      ];
    }),
    ...(lonely ? [forbidden(path, 'HugePages require cpu or memory')] : []),
  ];
}

function amountErrors([name, amount]: [string, string], list: string, check: NameCheck): FieldError[] {
  const path = `${list}[${name}]`;
  const nano = nanoOf(amount);
  const errors = check(name, path);
  if (nano < 0n) errors.push(invalid(path, amount, 'must be greater than or equal to 0'));
  if (isCounted(name) && nano % one !== 0n) errors.push(invalid(path, amount, 'must be an integer'));
  if (isHugePages(name) && !isWholePages(name, nano)) {
    errors.push(invalid(path, amount, `${amount}${notWhole}${name}`));
  }
  return errors;
}

const notWhole = ' is not positive integer multiple of ';

/** Whether an error is of the size of pages, which the server looks at after it compared requests with limits. */
function isPageError({ detail }: FieldError): boolean {
  return detail.includes(notWhole);
}

function isWholePages(name: string, nano: bigint): boolean {
  const size = nanoOf(name.slice('hugepages-'.length));
  return size > 0n && size % one === 0n && nano % size === 0n;
}

function overcommitErrors([name, amount]: [string, string], limits: Amounts, path: string): FieldError[] {
  const limit = limits[name];
  if (limit === undefined) {
    const why = 'Limit must be set for non overcommitable resources';
    return isShared(name) ? [] : [required(`${path}.limits`, why)];
  }
  const [asking, most] = [nanoOf(amount), nanoOf(limit)];
  const words = isShared(name) ? 'less than or equal to' : 'equal to';
  const good = isShared(name) ? asking <= most : asking === most;
  return good ? [] : [invalid(`${path}.requests`, amount, `must be ${words} ${name} limit of ${limit}`)];
}

/** What is wrong with the name of a resource that anything may have. */
function nameErrors(name: string, path: string): FieldError[] {
  const errors = labelKeyProblems(name).map((problem) => invalid(path, name, problem));
  if (errors.length > 0 || name.includes('/') || standardResources.includes(name)) return errors;
  if (isHugePages(name) || name.startsWith('requests.hugepages-')) return [];
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

function containerNameErrors(name: string, path: string): FieldError[] {
  const errors = nameErrors(name, path);
  if (!name.includes('/')) {
    const known = standardOfContainers.includes(name) || isHugePages(name);
    return known ? errors : [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtended(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

function podNameErrors(name: string, path: string): FieldError[] {
  const errors = nameErrors(name, path);
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors;
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])];
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Resources of others than Kubernetes, such as devices. */
function isExtended(name: string): boolean {
  return (
    !isNative(name) && !name.startsWith('requests.') && labelKeyProblems(`requests.${name}`).length === 0
  );
}

/** Whether containers may be promised more of it than there is. */
function isShared(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

function isCounted(name: string): boolean {
  return countedResources.includes(name) || isExtended(name);
}

function nanoOf(amount: string): bigint {
  return parseQuantity(amount)?.nano ?? 0n;
}

/** What is wrong with the claims of its pod that a container uses (validateResourceClaimNames). */
function claimUseErrors(resources: JsonObject, path: string, claims: readonly string[]): FieldError[] {
  const seen = new Set<string>();
  return itemsWithPaths(resources['claims'], path).flatMap(([claim, at]) => {
    const [name, request] = [textOf(claim, 'name'), textOf(claim, 'request')];
    if (name === '') return [required(at)];
    const errors = useErrors([name, request], at, seen);
    return claims.includes(name) ? errors : [...errors, unknownClaim(name, at, claims)];
  });
}

function useErrors([name, request]: [string, string], path: string, seen: Set<string>): FieldError[] {
  if (seen.has(name)) return [duplicate(path, name)];
  const key = request === '' ? name : `${name}/${request}`;
  const errors = formedIfAny(request, `${path}.request`, dnsLabelProblems);
  if (seen.has(key)) errors.push(duplicate(path, key));
  else if (request === '') {
    for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(duplicate(path, name));
  }
  seen.add(key);
  return errors;
}

function unknownClaim(name: string, path: string, claims: readonly string[]): FieldError {
  const listed = claims.length === 0 ? ' which is empty' : `: ${[...claims].sort().join(', ')}`;
  return { ...notFound(path, name), detail: `must be one of the names in pod.spec.resourceClaims${listed}` };
}
