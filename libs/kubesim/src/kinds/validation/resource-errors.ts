import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { parseQuantity } from '../../schema/quantity.ts';
import { labelKeyProblems } from '../names.ts';

const standard = ['cpu', 'memory', 'ephemeral-storage'];
type Amounts = Readonly<Record<string, string>>;

const one = 1_000_000_000n;

/** What is wrong with the resources that a container requests and is limited to (ValidateContainerResourceRequirements). */
export function resourceErrors(resources: JsonObject, path: string): FieldError[] {
  const limits = textsAt(resources, 'limits');
  const requests = textsAt(resources, 'requests');
  return [...amountsErrors(limits, `${path}.limits`), ...requestErrors(requests, limits, path)];
}

function amountsErrors(amounts: Amounts, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...nameErrors(name, `${path}[${name}]`),
    ...amountErrors(name, amount, `${path}[${name}]`),
  ]);
}

function requestErrors(requests: Amounts, limits: Amounts, path: string): FieldError[] {
  return Object.entries(requests).flatMap(([name, amount]) => {
    const at = `${path}.requests[${name}]`;
    const errors = [...nameErrors(name, at), ...amountErrors(name, amount, at)];
    const limit = limits[name];
    if (limit === undefined) {
      return isExtended(name)
        ? [...errors, required(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
        : errors;
    }
    return [...errors, ...limitErrors(name, { asked: amount, limit }, `${path}.requests`)];
  });
}

function limitErrors(
  name: string,
  { asked, limit }: { asked: string; limit: string },
  path: string,
): FieldError[] {
  const [asking, most] = [nanoOf(asked), nanoOf(limit)];
  if (isExtended(name)) {
    return asking === most ? [] : [invalid(path, asked, `must be equal to ${name} limit of ${limit}`)];
  }
  return asking <= most
    ? []
    : [invalid(path, asked, `must be less than or equal to ${name} limit of ${limit}`)];
}

function nameErrors(name: string, path: string): FieldError[] {
  const errors = labelKeyProblems(name).map((problem) => invalid(path, name, problem));
  if (standard.includes(name) || name.includes('/') || name.startsWith('hugepages-')) return errors;
  return [
    ...errors,
    invalid(path, name, 'must be a standard resource type or fully qualified'),
    invalid(path, name, 'must be a standard resource for containers'),
  ];
}

function amountErrors(name: string, amount: string, path: string): FieldError[] {
  const nano = nanoOf(amount);
  if (nano < 0n) return [invalid(path, amount, 'must be greater than or equal to 0')];
  return isExtended(name) && nano % one !== 0n ? [invalid(path, amount, 'must be an integer')] : [];
}

/** Resources of others than Kubernetes, such as devices, which nobody can share. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/');
}

function nanoOf(amount: string): bigint {
  return parseQuantity(amount)?.nano ?? 0n;
}
