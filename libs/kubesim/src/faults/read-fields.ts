/** A rule that says nothing sensible. The message names the field and what it should be. */
export class FaultRuleError extends Error {}

/** Reads a value at a place. Throws FaultRuleError. */
export type Reader<T> = (value: unknown, at: string) => T;

/** What a reader gives. */
export type Read<R> = R extends Reader<infer T> ? T : never;

/** Reads an object that has these fields and no others. */
export function fieldsOf<F extends Readonly<Record<string, Reader<unknown>>>>(
  fields: F,
): Reader<{ readonly [N in keyof F]: Read<F[N]> }> {
  return (value, at) => {
    if (!isRecord(value)) throw new FaultRuleError(`${at}: must be an object`);
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) {
      throw new FaultRuleError(`${at}.${unknown}: unknown field; known: ${Object.keys(fields).join(', ')}`);
    }
    const read = Object.entries(fields).map(
      ([name, reader]) => [name, reader(value[name], `${at}.${name}`)] as const,
    );
    // Each field was read by its own reader.
    return Object.fromEntries(read.filter(([, found]) => found !== undefined)) as {
      readonly [N in keyof F]: Read<F[N]>;
    };
  };
}

/** Whether a value has named members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lets a field be left out. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, at) => (value === undefined ? undefined : reader(value, at));
}

/** A number within bounds. */
export function numberIn(least: number, most: number): Reader<number> {
  return (value, at) => {
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw new FaultRuleError(`${at}: must be a number from ${String(least)} to ${String(most)}`);
  };
}

/** A text that is not empty. */
export const someText: Reader<string> = (value, at) => {
  if (typeof value === 'string' && value !== '') return value;
  throw new FaultRuleError(`${at}: must be a text that is not empty`);
};

/** One of a few texts. */
export function oneOf<T extends string>(...known: readonly T[]): Reader<T> {
  return (value, at) => {
    const found = known.find((one) => one === value);
    if (found !== undefined) return found;
    throw new FaultRuleError(`${at}: must be one of ${known.join(', ')}`);
  };
}

/** A list of texts with at least one. */
export const someTexts: Reader<readonly string[]> = (value, at) => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new FaultRuleError(`${at}: must be a list of texts that is not empty`);
  }
  return value.map((item: unknown, index) => someText(item, `${at}[${String(index)}]`));
};
