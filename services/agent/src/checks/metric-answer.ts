import { isJsonObject } from '../json.ts';
import type { CheckResult } from './check-state.ts';

/** What a metrics source has said. */
export interface MetricAnswer {
  readonly status: number;
  readonly body: string;
}

/** For which question an answer is. */
export interface AskedMetric {
  readonly source: string;
  readonly intervalMs: number;
  /** Time of the agent's clock when the answer had come. */
  readonly nowMs: number;
}

/**
 * Reads the answer of an instant query (Prometheus HTTP API, `/api/v1/query`). Only one finite number of the present is a value;
 * whatever else it is, nothing is known, and the message says why. Nothing of the answer but numbers gets into it: labels
 * and errors may hold what must not leave the cluster.
 */
export function readMetricAnswer({ status, body }: MetricAnswer, asked: AskedMetric): CheckResult {
  const answer = parse(body);
  if (status !== 200) return nothing(refusalText(asked.source, status, answer));
  const data = isJsonObject(answer) && answer['status'] === 'success' ? answer['data'] : undefined;
  if (!isJsonObject(data))
    return nothing(
      `the answer of metrics source ${asked.source} is not one of the Prometheus HTTP API; mend its url`,
    );
  const sample = sampleOf(data['resultType'], data['result']);
  return typeof sample === 'string' ? nothing(sample) : readSample(sample, asked);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The kinds of errors that Prometheus has, in the words of what to do. */
const advice: { readonly [errorType: string]: string } = {
  bad_data: 'it cannot read the query; try it there',
  execution: 'it cannot evaluate the query; try it there',
  timeout: 'the query takes it too long; make it cheaper, for example with a recording rule',
  canceled: 'it has given the query up; make it cheaper, for example with a recording rule',
  unavailable: 'it is not ready',
  internal: 'it has an error of its own; look at its log',
};

function refusalText(source: string, status: number, answer: unknown): string {
  const said = `metrics source ${source} answers HTTP ${status}`;
  if (status >= 300 && status < 400)
    return `${said}, a redirect, which is not followed; give the address behind it`;
  if (status === 401 || status === 403)
    return `${said}: it does not let this agent ask; give it a token that it takes`;
  const errorType = isJsonObject(answer) ? answer['errorType'] : undefined;
  const known =
    typeof errorType === 'string' && Object.hasOwn(advice, errorType) ? advice[errorType] : undefined;
  return `${said}: ${known ?? 'mend the source or its url'}`;
}

/** The one sample of a result, or why there is none. */
function sampleOf(type: unknown, result: unknown): readonly unknown[] | string {
  if (!isList(result)) return 'the answer has no result';
  if (type === 'scalar') return result;
  if (type !== 'vector')
    return `the query gives ${typeof type === 'string' && /^[a-z]{1,20}$/.test(type) ? `a ${type}` : 'another kind of result'}, not one number; ask for a scalar or a vector of one sample`;
  if (result.length === 0)
    return 'the query gives no sample; look whether the metric is there and its labels are right';
  if (result.length > 1)
    return `the query gives ${result.length} samples, not one; put sum(), max() or the like around it`;
  const [only] = result;
  const value = isJsonObject(only) ? only['value'] : undefined;
  return isList(value) ? value : 'the sample is no number; ask for a number';
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Decimal and exponent, as Prometheus writes finite numbers; nothing that only `Number` would take, such as an empty text. */
const finiteNumber = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function readSample([atSeconds, text]: readonly unknown[], { intervalMs, nowMs }: AskedMetric): CheckResult {
  if (typeof atSeconds !== 'number' || !Number.isFinite(atSeconds)) return nothing('the sample has no time');
  if (text === 'NaN' || text === '+Inf' || text === '-Inf')
    return nothing(
      `the query gives ${text}, often a division by zero; guard it, for example with "or vector(0)"`,
    );
  const value = typeof text === 'string' && finiteNumber.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return nothing('the sample is no finite number; ask for a number');
  const ageMs = nowMs - atSeconds * 1_000;
  if (ageMs > 2 * intervalMs)
    return nothing(
      `the sample is ${Math.round(ageMs / 1_000)} s old, more than two intervals; look at the clocks of the source and of this agent`,
    );
  return { kind: 'value', value };
}

const nothing = (message: string): CheckResult => ({ kind: 'nothing', message });
