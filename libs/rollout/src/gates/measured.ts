import type { MetricGate } from '@meridian/fleet';
import { fewOf, shortened } from '../few.ts';
import type { CheckResult, GateProgress } from '../state.ts';
import { nobodyToAsk } from './finding.ts';
import type { Finding, GateContext } from './finding.ts';

const intervalsFresh = 3;
const wayMs = 15_000;

/** How old a number may be and still count: some intervals, and a while for its way. */
export function freshMs({ intervalMs }: Pick<MetricGate, 'intervalMs'>): number {
  return intervalsFresh * intervalMs + wayMs;
}

/** How much older a number in the ledger may be than the newest one: then there is enough left for the next leader to hear it in time. */
export function repeatMs(gate: Pick<MetricGate, 'intervalMs'>): number {
  return freshMs(gate) / intervalsFresh;
}

/** What the numbers of the clusters say of a metric gate. A number that is missing, or old, neither passes nor fails it. */
export function measured(gate: MetricGate, before: GateProgress, context: GateContext): Finding {
  const nobody = nobodyToAsk(gate, context);
  if (nobody) return nobody;
  const { isGood, text } = judged(gate, numbersOf(gate, before, context));
  if (isGood === undefined) return { phase: 'open', message: text };
  return isGood ? good(gate, before, { text, context }) : bad(gate, before, { text, context });
}

interface Said {
  readonly text: string;
  readonly context: GateContext;
}

function good({ forMs }: MetricGate, before: GateProgress, { text, context }: Said): Finding {
  const goodSinceMs = before.goodSinceMs ?? context.nowMs;
  const phase = context.nowMs - goodSinceMs >= forMs ? 'passed' : 'open';
  return { phase, message: text, goodSinceMs };
}

function bad({ failAfterMs }: MetricGate, before: GateProgress, { text, context }: Said): Finding {
  const badSinceMs = before.badSinceMs ?? context.nowMs;
  const phase = context.nowMs - badSinceMs >= failAfterMs ? 'failed' : 'open';
  return { phase, message: text, badSinceMs };
}

interface Measured {
  readonly cluster: string;
  /** Undefined: nothing that counts is known. */
  readonly value: number | undefined;
  readonly why: string;
}

function numbersOf(
  gate: MetricGate,
  { results = {} }: GateProgress,
  { clusters, nowMs }: GateContext,
): Measured[] {
  const oldestMs = nowMs - freshMs(gate);
  return clusters.map((cluster) => ({ cluster, ...numberOf(results[cluster], oldestMs) }));
}

function numberOf(result: CheckResult | undefined, oldestMs: number): Omit<Measured, 'cluster'> {
  if (!result) return { value: undefined, why: 'nothing was measured yet' };
  const { phase, value, message, atMs } = result;
  if (phase !== 'measured' || value === undefined || !Number.isFinite(value))
    return { value: undefined, why: shortened(message || 'there is no number') };
  return atMs < oldestMs ? { value: undefined, why: 'the last number is old' } : { value, why: '' };
}

interface Judged {
  /** Undefined: nobody knows. */
  readonly isGood: boolean | undefined;
  readonly text: string;
}

function judged(gate: MetricGate, numbers: readonly Measured[]): Judged {
  return gate.aggregate === 'every' ? everyOne(gate, numbers) : together(gate, gate.aggregate, numbers);
}

/** One cluster that is known to be bad is enough, whatever the others say. */
function everyOne(gate: MetricGate, numbers: readonly Measured[]): Judged {
  const worst = numbers.find(({ value }) => value !== undefined && !isWithin(gate, value));
  if (worst)
    return { isGood: false, text: `is ${String(worst.value)} in ${worst.cluster}; ${boundText(gate)}` };
  const missing = missingText(numbers);
  if (missing !== undefined) return { isGood: undefined, text: missing };
  return { isGood: true, text: `is good in ${fewOf(numbers.map(({ cluster }) => cluster))}` };
}

function together(
  gate: MetricGate,
  aggregate: Exclude<MetricGate['aggregate'], 'every'>,
  numbers: readonly Measured[],
): Judged {
  const missing = missingText(numbers);
  if (missing !== undefined) return { isGood: undefined, text: missing };
  const value = aggregates[aggregate](numbers.flatMap((one) => one.value ?? []));
  // A sum may be too large to be one.
  if (!Number.isFinite(value)) return { isGood: undefined, text: `the ${aggregate} is no finite number` };
  const isGood = isWithin(gate, value);
  return { isGood, text: `the ${aggregate} is ${value}; ${boundText(gate)}` };
}

const aggregates: {
  readonly [name in Exclude<MetricGate['aggregate'], 'every'>]: (values: readonly number[]) => number;
} = {
  mean: (values) => sumOf(values) / values.length,
  sum: sumOf,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
};

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function missingText(numbers: readonly Measured[]): string | undefined {
  const missing = numbers.filter(({ value }) => value === undefined);
  if (missing.length === 0) return undefined;
  return `waits for a number of ${fewOf(missing.map(({ cluster }) => cluster))}: ${missing[0]?.why ?? ''}`;
}

/** Whether a number is good by itself. */
export function isWithin({ min = -Infinity, max = Infinity }: MetricGate, value: number): boolean {
  return value >= min && value <= max;
}

function boundText({ min, max }: MetricGate): string {
  if (min === undefined) return `at most ${String(max)} is good`;
  return max === undefined ? `at least ${min} is good` : `${min} to ${max} is good`;
}
