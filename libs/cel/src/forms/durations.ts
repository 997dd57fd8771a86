const nanosecond = 1n;
const second = 1_000_000_000n;

const goUnits: Readonly<Record<string, bigint>> = {
  ns: nanosecond,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3_600n * second,
};

/** Units of Scala's durations; of the last spelling of each, any word that begins so will do. */
const words: readonly (readonly [names: readonly string[], size: bigint])[] = [
  [['ns', 'nano'], nanosecond],
  [['us', 'µs', 'micro'], 1_000n],
  [['ms', 'milli'], 1_000_000n],
  [['s', 'sec'], second],
  [['m', 'min'], 60n * second],
  [['h', 'hr', 'hour'], 3_600n * second],
  [['d', 'day'], 86_400n * second],
  [['w', 'wk', 'week'], 604_800n * second],
];

/** A duration in nanoseconds, written as in Go (`1h30m`) or in words (`2 days`); undefined when the text is none. */
export function parseDuration(text: string): bigint | undefined {
  return parseGoDuration(text) ?? parseWords(text);
}

/** A duration in nanoseconds as Go writes it; undefined when the text is none. */
export function parseGoDuration(text: string): bigint | undefined {
  const found = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (found === null) return undefined;
  let total = 0n;
  for (const [, amount = '', unit = ''] of (found[2] ?? '').matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    total += sizeOf(amount, goUnits[unit] ?? 0n);
  }
  return found[1] === '-' ? -total : total;
}

function sizeOf(amount: string, unit: bigint): bigint {
  const [whole = '', fraction = ''] = amount.split('.');
  const scale = 10n ** BigInt(fraction.length);
  return (BigInt(`${whole}${fraction}` || '0') * unit) / scale;
}

function parseWords(text: string): bigint | undefined {
  let total: bigint | undefined;
  for (const [, amount = '', name = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    for (const [names, size] of words) {
      if (isNamed(name.toLowerCase(), names)) total = (total ?? 0n) + BigInt(amount) * size;
    }
  }
  return total;
}

function isNamed(name: string, names: readonly string[]): boolean {
  return names.includes(name) || name.startsWith(names.at(-1) ?? name);
}
