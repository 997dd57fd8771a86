export { celEnvironment } from './cel-environment.ts';
export { celValue } from './cel-value.ts';
export { checkedShape } from './checked-shape.ts';
export type { Kind, Shape } from './checked-shape.ts';
export { errorText } from './compile-error.ts';
export { evaluationErrorText } from './evaluation-error.ts';
export { parseDuration } from './forms/durations.ts';
export { hasFormat, isKnownFormat } from './forms/formats.ts';
export { goQuote } from './forms/go-quote.ts';
export {
  declaredProblems,
  dnsLabelProblems,
  labelKeyProblems,
  labelValueProblems,
  pathSegmentProblems,
  serviceLabelProblems,
  subdomainProblems,
  underscoredProblems,
} from './forms/names.ts';
export { canonicalQuantity, parseQuantity, roundedToMilli } from './forms/quantity.ts';
export { CelFault } from './functions/cel-fault.ts';
export { spanOf } from './functions/conversions.ts';
export { writtenName } from './functions/own-names.ts';
export { hasName } from './functions/presence.ts';
export { matchesName } from './functions/string-functions.ts';
export { LazyVariables } from './lazy-variables.ts';
export { macroVariables } from './macro-variables.ts';
export { Meter, metered } from './meter.ts';
export type { MeteredProgram } from './meter.ts';
export { parseExpression } from './parse-expression.ts';
export { looksBack } from './rule-text.ts';
export { everyNode } from './tree.ts';
