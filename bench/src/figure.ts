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
}

/** Samples of one quantity, and of a peer or a limit that ran in turn with it. */
export interface Measured {
  readonly figure: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly against?: { readonly name: string; readonly samples: readonly number[] };
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

const statistics = [
  ['p50', 0.5],
  ['p99', 0.99],
  ['max', 1],
] as const;

/** p50, p99 and max of one quantity, each with its ratio to the same statistic of what it is held against. */
export function figuresOf(bench: string, measured: Measured): readonly Figure[] {
  return statistics.map(([name, share]) => {
    const value = percentile(measured.samples, share);
    const figure = {
      bench,
      figure: `${measured.figure} ${name}`,
      value: rounded(value),
      unit: measured.unit,
    };
    const counted = { ...figure, n: measured.samples.length };
    if (!measured.against) return counted;
    const other = percentile(measured.against.samples, share);
    return { ...counted, against: measured.against.name, ratio: rounded(value / other) };
  });
}

/** Four significant digits: more would claim a precision that no run has. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
