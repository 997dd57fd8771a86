import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../json.ts';
import { readCustomSchema } from '../../custom-schema.ts';
import { compiledRules } from '../compile-rules.ts';

const short = { type: 'string', maxLength: 10 };
const shorts = { type: 'array', items: short, maxItems: 5 };
const long = { type: 'string' };
const longs = { type: 'array', items: long };
const map = { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 5 };

/** What a rule on a value of a schema may cost. */
function costOf(schema: JsonObject, rule: string): bigint | undefined {
  const [compiled] = compiledRules(
    readCustomSchema({ ...schema, 'x-kubernetes-validations': [{ rule }] }),
    false,
  );
  expect(compiled?.error).toBeUndefined();
  return compiled?.costs().rule;
}

// The numbers are those that Kubernetes 1.36 comes to.
describe('the cost of a rule', () => {
  it.each([
    [short, "self == 'a'", 2n],
    [short, "self.startsWith('abc') && self.matches('^[a-z]+$')", 13n],
    [shorts, "self.all(one, one != 'a')", 27n],
    [shorts, 'self.all(one, self.exists(other, one == other))', 277n],
    [shorts, "self.map(one, one + 'x').join(',').size() < 9", 1844674407370955368n],
    [shorts, "self.filter(one, one == 'a').size() > 1", 89n],
    [shorts, "self[0] == 'a' ? sets.contains(self, ['a']) : self.distinct().size() > 2", 67n],
    [map, 'self.all(key, self[key] > 3)', 37n],
    [short, '!(!(size(self) > 3))', 5n],
    [short, '!!(size(self) > 3)', 3n],
    [map, "dyn(self) == {'a': 1} && 'a' in self", 35n],
    [long, "self.contains('aaa')", 314574n],
    [longs, 'self.isSorted()', 329854432051n],
    [longs, 'self.all(one, self.exists(other, one == other))', 345882608639724752n],
  ])('on %j, %s', (schema, rule, cost) => {
    expect(costOf(schema, rule)).toBe(cost);
  });
});
