import { expect, test } from 'vitest';
import { slightChange } from '../values/slight-change.ts';
import { newResource, type Resource } from './resource.ts';
import { changeBetween, slightlyChanged } from './slightly-changed.ts';

const at = (size: number): Resource =>
  newResource({ apiVersion: 'example.org/v1', kind: 'Model', spec: { size } }, { file: 'a.yaml', line: 1 });

function changedTo(before: Resource, size: number): Resource {
  const change = slightChange(before.fields, at(size).fields);
  const after = change && slightlyChanged(before, change);
  if (!after) throw new TypeError('the change is slight');
  return after;
}

test('a change is known between a resource and what it has become, and no other', () => {
  const [first, other] = [at(1), at(1)];
  const after = changedTo(first, 2);
  expect(changeBetween(first, after)).toMatchObject([{ way: ['spec'], keys: ['size'] }]);
  expect(changeBetween(other, after)).toBeUndefined();
  expect(changeBetween(first, changedTo(after, 3))).toBeUndefined();
});
