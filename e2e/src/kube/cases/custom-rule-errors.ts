import { definitions, ownGroup, smallDefinition } from '../custom-definition.ts';
import { set } from '../body.ts';
import type { ContractCase } from '../session.ts';

const text = { type: 'string', maxLength: 40 };
const texts = { type: 'array', items: text, maxItems: 5 };
const long = { type: 'array', items: { type: 'string' } };
const object = {
  type: 'object',
  properties: { a: text, n: { type: 'integer' }, o: { type: 'object', properties: { x: { type: 'integer' } } }, l: texts },
};

/** What is wrong with rules, and rules of a schema that show it. */
const kinds: readonly (readonly [what: string, schema: object, ...rules: string[]])[] = [
  ['names that nobody declared', text, "foo == 'a' && bar(self)", 'self.foo() == 1', "cel.bind(x, self, x == 'a')", 'cel == 3', 'x.y.z', 'b.hex() == self'],
  ['fields that are not there', object, 'self.nope == 1', 'has(self.nope)', 'has(self.o.nope)', 'self.o.nope == 1', 'self.a.b == 1', 'has(self.a.b)', 'self.l.foo == 1', 'self.l.exists(x, x.nope == 1)'],
  ['macros used wrongly', texts, 'self.all(i, i, true)', 'self.all(1, i, true)', 'self.all(i.j, true)', 'self.map(1, true) == []', 'has(self)', "has('a')", '[1].all(x, 1)', '[1].exists(x, 1)'],
  ['types that do not fit', text, 'self && true', '!self', "-self == 'a'", "self == b'a'", "self in 'abc'", "1 in ['a']", "self['a'] == 'a'", 'self[0] == 1', 'self.size(1) == 1', 'sets.contains([1], [self])', 'true ? self : 1', 'self.all(x, true)', "1.0 + 1 == 2.0", "duration('1s') + 1 == self"],
  ['literals that are none', text, "duration('1') < duration('2')", "timestamp('2020-02-30T00:00:00Z') == timestamp(self)", "self.matches('[')", "self.matches('(?=a)')", "[1, 'a'] == []", "{'a': 1, 'b': 'x'}.size() == 2", "{1: 2, 'a': 3}.size() == 2"],
  ['formats that do not fit', text, "'%d %s'.format([1]) == self", "'%d'.format(['x']) == self", "'%z'.format([1]) == self", "'%s %'.format([1]) == self", "'%s'.format([1, 2]) == self", "'%f'.format([1]) == self"],
  ['costs that are too high', long, 'self.all(x, self.all(y, x == y))', 'self.isSorted()', 'self.all(x, x.matches("^a+$"))', 'self.sort() == self', 'self.map(x, x + x).join() == "a"', 'self.transformList(i, x, self[i] == x).all(x, x)', 'sets.contains(self, self)', 'self.exists(x, x.contains("aaaa"))', 'self.all(x, cidr("10.0.0.0/8").containsIP(x))', 'self.all(x, !format.dns1123Label().validate(x).hasValue())', 'self.all(x, quantity(x).isLessThan(quantity("1")))'],
  ['messages that cost too much', { ...long, maxItems: 3 }, 'true'],
];

/** Definitions whose rules in CEL are refused, each rule on its own. */
export const customRuleErrorCases: readonly ContractCase[] = [
  ...kinds.map(([what, schema, ...rules]): ContractCase => ({
    title: `definition: with rules of ${what}`,
    async run(session) {
      for (const rule of rules) {
        const made = smallDefinition(ownGroup(session));
        const messageExpression = what.startsWith('messages') ? { messageExpression: 'self.map(x, self.map(y, x + y).join()).join()' } : {};
        const ruled = { ...schema, 'x-kubernetes-validations': [{ rule, ...messageExpression }] };
        set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.model', ruled);
        await session.ask('POST', `${definitions}?dryRun=All`, made);
      }
    },
  })),
  {
    title: 'definition: with rules inside of lists and maps that cost too much together',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const list = (...lengths: readonly number[]) => ({
        type: 'array',
        maxItems: 50,
        items: { type: 'string', maxLength: 100 },
        'x-kubernetes-validations': lengths.map((length) => ({ rule: `self.all(x, x.matches("^${'a'.repeat(length)}$"))` })),
      });
      const spec = 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties';
      set(made, `${spec}.model`, { type: 'array', maxItems: 100, items: list(300, 340, 380, 420, 460, 500, 540) });
      await session.ask('POST', `${definitions}?dryRun=All`, made);
      set(made, `${spec}.model`, { type: 'array', items: { type: 'object', additionalProperties: list(40) } });
      await session.ask('POST', `${definitions}?dryRun=All`, made);
      set(made, `${spec}.model`, { type: 'array', maxItems: 9, items: { type: 'object', maxProperties: 9, additionalProperties: list(40) } });
      await session.ask('POST', `${definitions}?dryRun=All`, made);
    },
  },
];
