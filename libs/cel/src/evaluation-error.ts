import { EvaluationError } from '@marcbachmann/cel-js';
import { CelFault } from './functions/cel-fault.ts';

const words: Readonly<Record<string, string>> = {
  division_by_zero: 'division by zero',
  modulo_by_zero: 'modulus by zero',
  numeric_overflow: 'integer overflow',
  no_such_overload: 'no such overload',
  no_matching_overload: 'no such overload',
  invalid_logical_operand: 'no such overload',
  invalid_condition_type: 'no such overload',
  bool_conversion_error: "type conversion error from 'string' to 'bool'",
  int_conversion_error: "type conversion error from 'string' to 'int'",
  uint_conversion_error: "type conversion error from 'string' to 'uint'",
  double_conversion_error: "type conversion error from 'string' to 'double'",
  invalid_timestamp: "type conversion error from 'string' to 'google.protobuf.Timestamp'",
  invalid_duration: "type conversion error from 'string' to 'google.protobuf.Duration'",
};

const unknownZone = /^Invalid time zone specified: (.*)$/;

/** What went wrong while a rule was evaluated, as cel-go says it. Throws what is no such error. */
export function evaluationErrorText(error: unknown): string {
  if (error instanceof CelFault) return error.message;
  const zone = error instanceof RangeError ? unknownZone.exec(error.message)?.[1] : undefined;
  if (zone !== undefined) return `unknown time zone ${zone}`;
  if (!(error instanceof EvaluationError)) throw error;
  return error.cause instanceof CelFault ? error.cause.message : textOf(error);
}

/** Some errors of one code differ in their words only. */
const summaries: Readonly<Record<string, string>> = {
  'Unsigned integer overflow': 'unsigned integer overflow',
  'Optional value is not present': 'optional.none() dereference',
};

function textOf({ code, summary }: EvaluationError): string {
  const known = summaries[summary] ?? words[code];
  if (known !== undefined) return known;
  if (code === 'no_such_key') return summary.replace('No such key', 'no such key');
  const index = /index (-?\d+)/.exec(summary)?.[1];
  return code === 'index_out_of_bounds' ? `index out of bounds: ${index ?? ''}` : summary;
}
