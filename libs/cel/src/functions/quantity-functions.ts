import type { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from '../forms/quantity.ts';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';

const billion = 1_000_000_000n;

/** An amount such as `1Gi`, in billionths; what was written with parts (`2000m`, `1.0`) is no integer to Go, whatever it is. */
class CelQuantity {
  readonly nano: bigint;
  readonly isInteger: boolean;

  constructor(nano: bigint, isInteger: boolean) {
    this.nano = nano;
    this.isInteger = isInteger;
  }

  plus(nano: bigint, isInteger: boolean): CelQuantity {
    return new CelQuantity(this.nano + nano, this.isInteger && isInteger);
  }
}

const type = 'kubernetes.Quantity';

/** Amounts: `quantity('1Gi').isGreaterThan(quantity('500M'))`. */
export function registerQuantities(environment: Environment, register: Register): void {
  environment.registerType(type, CelQuantity);
  environment.registerOperator(`${type} == ${type}`, (a: CelQuantity, b: CelQuantity) => a.nano === b.nano);
  register(`quantity(string): ${type}`, quantityOf);
  register('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined);
  register(`sign(${type}): int`, signOf);
  register(`${type}.sign(): int`, signOf);
  register(`${type}.isInteger(): bool`, ({ isInteger }: CelQuantity) => isInteger);
  register(`${type}.asInteger(): int`, ({ nano, isInteger }: CelQuantity) => {
    if (!isInteger) throw new CelFault('cannot convert value to integer');
    return nano / billion;
  });
  register(`${type}.asApproximateFloat(): double`, ({ nano }: CelQuantity) => Number(nano) / 1e9);
  register(`${type}.compareTo(${type}): int`, (a: CelQuantity, b: CelQuantity) =>
    BigInt(compare(a.nano, b.nano)),
  );
  register(`${type}.isGreaterThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => a.nano > b.nano);
  register(`${type}.isLessThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => a.nano < b.nano);
  registerSums(register);
}

function registerSums(register: Register): void {
  register(`${type}.add(${type}): ${type}`, (a: CelQuantity, b: CelQuantity) => a.plus(b.nano, b.isInteger));
  register(`${type}.add(int): ${type}`, (a: CelQuantity, b: bigint) => a.plus(b * billion, true));
  register(`${type}.sub(${type}): ${type}`, (a: CelQuantity, b: CelQuantity) => a.plus(-b.nano, b.isInteger));
  register(`${type}.sub(int): ${type}`, (a: CelQuantity, b: bigint) => a.plus(-b * billion, true));
}

function quantityOf(text: string): CelQuantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) {
    throw new CelFault(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  const hasParts = quantity.nano % billion !== 0n || /[.num]/.test(text);
  return new CelQuantity(quantity.nano, !hasParts);
}

function signOf({ nano }: CelQuantity): bigint {
  return BigInt(compare(nano, 0n));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
