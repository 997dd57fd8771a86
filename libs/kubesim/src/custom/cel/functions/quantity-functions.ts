import type { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from '../../../schema/quantity.ts';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';

const billion = 1_000_000_000n;

/** An amount such as `1Gi`, in billionths. */
class CelQuantity {
  readonly nano: bigint;
  constructor(nano: bigint) {
    this.nano = nano;
  }
}

/** Amounts: `quantity('1Gi').isGreaterThan(quantity('500M'))`. */
export function registerQuantities(environment: Environment, register: Register): void {
  const type = 'kubernetes.Quantity';
  environment.registerType(type, CelQuantity);
  environment.registerOperator(`${type} == ${type}`, (a: CelQuantity, b: CelQuantity) => a.nano === b.nano);
  register(`quantity(string): ${type}`, quantityOf);
  register('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined);
  register(`sign(${type}): int`, ({ nano }: CelQuantity) => BigInt(compare(nano, 0n)));
  register(`${type}.sign(): int`, ({ nano }: CelQuantity) => BigInt(compare(nano, 0n)));
  register(`${type}.isInteger(): bool`, ({ nano }: CelQuantity) => nano % billion === 0n);
  register(`${type}.asInteger(): int`, ({ nano }: CelQuantity) => {
    if (nano % billion !== 0n) throw new CelFault('cannot convert value to integer');
    return nano / billion;
  });
  register(`${type}.asApproximateFloat(): double`, ({ nano }: CelQuantity) => Number(nano) / 1e9);
  register(`${type}.compareTo(${type}): int`, (a: CelQuantity, b: CelQuantity) =>
    BigInt(compare(a.nano, b.nano)),
  );
  register(`${type}.isGreaterThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => a.nano > b.nano);
  register(`${type}.isLessThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => a.nano < b.nano);
  register(
    `${type}.add(${type}): ${type}`,
    (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nano + b.nano),
  );
  register(`${type}.add(int): ${type}`, (a: CelQuantity, b: bigint) => new CelQuantity(a.nano + b * billion));
  register(
    `${type}.sub(${type}): ${type}`,
    (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nano - b.nano),
  );
  register(`${type}.sub(int): ${type}`, (a: CelQuantity, b: bigint) => new CelQuantity(a.nano - b * billion));
}

function quantityOf(text: string): CelQuantity {
  const quantity = parseQuantity(text);
  if (quantity !== undefined) return new CelQuantity(quantity.nano);
  throw new CelFault(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
