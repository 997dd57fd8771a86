import { needsQuotes } from '../values/quotes.ts';
import { bareText, quotedScalar } from '../values/plain.ts';
import { resolvePlainScalar } from '../values/scalars.ts';
import { SharedScalar } from '../values/shared.ts';
import { isFields, isList, isScalar, scalarOf, textOf, type ScalarTag, type Value } from '../values/value.ts';
import { FieldError } from './field-spec.ts';

/**
 * What a scalar is after kustomize wrote a text without a tag over it: the quotes of the old one stay, so that `"7"` remains
 * a text; where there were none, a text that looks like a number becomes one (filtersutil.SetScalar).
 */
export function rewritten(old: Value | undefined, text: string, isInQuotes = isQuoted(old)): Value {
  checkScalar(old);
  if (isInQuotes) return text;
  // A node that fields share is kept by its tag and text alone, so it becomes at once what it ends as.
  return old instanceof SharedScalar ? resolvePlainScalar(text) : bareText(text);
}

/** The same for a text with a tag: a quoted scalar ends as a text whatever the tag says. */
export function retagged(old: Value | undefined, { tag, text }: Tagged, isInQuotes: boolean): Value {
  checkScalar(old);
  return isInQuotes ? quotedScalar(tag, text) : scalarOf(tag, text);
}

/** A text and the tag that it is written with. */
export interface Tagged {
  readonly tag: ScalarTag;
  readonly text: string;
}

/** The text that kustomize finds in a scalar; nothing where it has just made one. */
export function foundText(value: Value | undefined): string {
  checkScalar(value);
  return value === undefined || !isScalar(value) ? '' : textOf(value);
}

function checkScalar(value: Value | undefined): void {
  if (isFields(value)) throw new FieldError('there is a mapping where a scalar must be');
  if (isList(value)) throw new FieldError('there is a list where a scalar must be');
}

/** A text that would be something else without quotes must have had some; of others nobody knows, and most have none. */
export function isQuoted(value: Value | undefined): boolean {
  return typeof value === 'string' && needsQuotes(value);
}
