import { InvalidArgumentError } from 'commander';

/** Reads a whole number from 1 to a million. Throws commander's error for anything else. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000000.');
}
