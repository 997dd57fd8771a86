/** One measured number. */
export interface Figure {
  readonly bench: string;
  /** What was measured, with the statistic: `serial append p99`. */
  readonly figure: string;
  readonly value: number;
  /** `ms`, `us`, `MB`, `per s`. */
  readonly unit: string;
  /** How many samples the number comes from. */
  readonly n: number;
  /** What ran beside it in the same run, and this value divided by that one's. */
  readonly against?: string;
  readonly ratio?: number;
  /** What somebody else has published, on another machine and with another load, and this value divided by theirs. */
  readonly published?: { readonly by: string; readonly value: number; readonly ratio: number };
}

const shares = { p50: 0.5, p90: 0.9, p99: 0.99, max: 1 } as const;

/** Names of what is said of samples. */
export type Statistic = keyof typeof shares;

/** Samples of one quantity, and of a peer or a limit that ran in turn with it. */
export interface Measured {
  readonly figure: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly against?: { readonly name: string; readonly samples: readonly number[] };
  /** p50, p99 and max unless told. */
  readonly statistics?: readonly Statistic[];
  /** Goes with the one statistic that was published. */
  readonly published?: { readonly by: string; readonly statistic: Statistic; readonly value: number };
}

/**
 * The value below which `share` (0 to 1) of the samples lie, by nearest rank: always one of the samples, so that a p99
 * of few samples is the slowest one and never an invented number. Throws RangeError without samples.
 */
export function percentile(samples: readonly number[], share: number): number {
  if (share < 0 || share > 1) throw new RangeError(`a percentile lies between 0 and 1, not at ${share}`);
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a percentile needs at least one sample');
  return value;
}

/** Each statistic of one quantity, with its ratio to the same statistic of what it is held against. */
export function figuresOf(bench: string, measured: Measured): readonly Figure[] {
  return (measured.statistics ?? ['p50', 'p99', 'max']).map((name) => {
    const value = percentile(measured.samples, shares[name]);
    return {
      bench,
      figure: `${measured.figure} ${name}`,
      value: rounded(value),
      unit: measured.unit,
      n: measured.samples.length,
      ...againstOf(measured, name, value),
      ...publishedOf(measured, name, value),
    };
  });
}

function againstOf({ against }: Measured, name: Statistic, value: number): Pick<Figure, 'against' | 'ratio'> {
  if (!against) return {};
  return { against: against.name, ratio: rounded(value / percentile(against.samples, shares[name])) };
}

function publishedOf({ published }: Measured, name: Statistic, value: number): Pick<Figure, 'published'> {
  if (published?.statistic !== name) return {};
  const { by, value: theirs } = published;
  return { published: { by, value: theirs, ratio: rounded(value / theirs) } };
}

/** Four significant digits: more would claim a precision that no run has. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
