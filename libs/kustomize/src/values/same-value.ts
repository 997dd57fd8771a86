import { isBareText } from './plain.ts';
import { areMarkedAlike } from './quote-marks.ts';
import { SharedScalar } from './shared.ts';
import { isFields, isList, keyFlaws, Scalar, type Fields, type List, type Value } from './value.ts';

/**
 * Whether no step of a build could tell two values apart that were read or generated: the same scalars as they are written, the
 * same keys in the same order, the same quotes and brackets. Flawed keys, which are rare, count as different, which costs time and
 * nothing else.
 */
export function isSameValue(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left instanceof Scalar) return right instanceof Scalar && isSameScalar(left, right);
  if (isList(left)) return isList(right) && isSameList(left, right);
  return isFields(left) && isFields(right) && isSameMapping(left, right);
}

function isSameScalar(left: Scalar, right: Scalar): boolean {
  const isShared = left instanceof SharedScalar || right instanceof SharedScalar;
  const isSame = left.tag === right.tag && left.text === right.text;
  return isSame && !isShared && isBareText(left) === isBareText(right);
}

function isSameList(left: List, right: List): boolean {
  return (
    left.length === right.length &&
    areMarkedAlike(left, right) &&
    left.every((item, index) => isSameValue(item, right[index] ?? null))
  );
}

function isSameMapping(left: Fields, right: Fields): boolean {
  if (left[keyFlaws] || right[keyFlaws]) return false;
  const keys = Object.keys(left);
  const others = Object.keys(right);
  return (
    keys.length === others.length &&
    areMarkedAlike(left, right) &&
    keys.every((key, index) => key === others[index] && isSameValue(left[key] ?? null, right[key] ?? null))
  );
}
