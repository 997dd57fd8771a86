import { established } from '../custom-definition.ts';
import type { Body } from '../body.ts';
import type { ContractCase, Session } from '../session.ts';

const group = 'rules.example.com';

const text = { type: 'string', maxLength: 40 };
const integer = { type: 'integer' };
const double = { type: 'number' };
const texts = { type: 'array', items: text, maxItems: 5 };
const integers = { type: 'array', items: integer, maxItems: 5 };
const map = { type: 'object', additionalProperties: integer, maxProperties: 5 };
const either = { 'x-kubernetes-int-or-string': true };
const format = (name: string) => ({ type: 'string', format: name });
const object = {
  type: 'object',
  properties: {
    a: text,
    namespace: text,
    'max-size': integer,
    'a.b/c': integer,
    x__y: integer,
    nested: { type: 'object', properties: { n: integer, list: integers } },
  },
};

/** A rule on a value of a schema, and values to hold to it. */
type Tried = readonly [schema: object, rule: string, ...values: unknown[]];

/** What is seldom used, and what goes wrong on both sides. */
const moreRules: readonly Tried[] = [
  [object, "self.a == 'x' || self.__namespace__ == 'x'", {}, { a: 'x' }, { a: 'y' }, { namespace: 'x' }],
  [object, "self.a == 'x' && self.__namespace__ == 'x'", {}, { a: 'y' }, { namespace: 'y' }],
  [object, '1 / self.x__underscores__y == 1 || 1 % self.x__underscores__y == 1 || self.nested.n == 1', { x__y: 0 }, { x__y: 1 }],
  [object, 'self.nested != null && has(self.nested.n)', {}, { nested: {} }, { nested: { n: 1 } }],
  [object, 'self.?x__underscores__y == optional.none() || self.?x__underscores__y == optional.of(1)', {}, { x__y: 1 }, { x__y: 2 }],
  [object, "self.?a.optMap(v, v == 'x').orValue(false) || self.?a.or(self.?__namespace__).value() == 'y'", {}, { a: 'x' }, { namespace: 'y' }],
  [object, "self.?a.optFlatMap(v, v == 'x' ? optional.of(1) : optional.none()).hasValue()", {}, { a: 'x' }, { a: 'y' }],
  [object, "[self.?a, self.?__namespace__].unwrapOpt() == ['x'] && optional.ofNonZeroValue(self.a).hasValue()", { a: 'x' }, { a: '' }, {}],
  [texts, 'self.all(x, int(x) > 1)', ['a', 'b'], ['1', 'b'], ['b', '0'], ['2', 'x'], ['2']],
  [texts, 'self.exists(x, int(x) > 1)', ['a', 'b'], ['1', 'b'], ['b', '2'], ['0']],
  [texts, "self.all(i, x, i < 2 && x != 'z') && self.exists(i, x, i == 0 && x == 'a')", ['a', 'b'], ['a', 'b', 'c'], ['z'], []],
  [texts, "self.existsOne(i, x, x == 'b') && self.transformList(i, x, i > 0, i + 1) == [2]", ['a', 'b'], ['b', 'b']],
  [texts, "self.transformMap(i, x, x + 'z') == {0: 'az'} && self.transformMap(i, x, i > 0, x) == {}", ['a'], ['b'], ['a', 'b']],
  [texts, "self.transformMapEntry(i, x, {x: i}) == {'a': 0}", ['a'], ['a', 'a']],
  [map, "self.all(k, v, v > 0 && k != 'z') && self.transformList(k, v, v).sum() == 3", { a: 1, b: 2 }, { a: 0 }, { z: 1 }],
  [texts, "self.first().orValue('z') == 'a' && self.last().hasValue()", [], ['a'], ['b']],
  [texts, "self.sortBy(x, size(x)) == ['a', 'bb']", ['bb', 'a'], ['a']],
  [texts, '[[self], [self]].flatten(2).size() == 2 && lists.range(2) == [0, 1]', ['a'], []],
  [integers, '[9223372036854775807, self[0]].sum() > 0', [0], [1]],
  [text, "self.indexOf('b', 1) == 1 && self.lastIndexOf('b') == 1", 'ab', '\u{1f600}b', 'a', ''],
  [text, "self.substring(1) == 'b' && self.substring(1, 2) == 'b'", 'ab', '\u{1f600}b', '', 'abc'],
  [text, 'self.substring(2, 1) == self', 'abc'],
  [text, "self.lowerAscii() == 'a\u00c4' && self.upperAscii() == 'A\u00c4'", 'A\u00c4', 'a'],
  [text, 'bool(self)', 'true', 'T', '0', 'F', 'yes'],
  [text, 'int(self) == 10', '+10', '010', ' 10', '1e1', '', '99999999999999999999'],
  [text, 'uint(self) == 10u && double(self) < 1e3', '10', '-1', 'x'],
  [text, 'double(self) == 10.0', '1e1', 'inf', '', '1e400'],
  [integer, 'uint(self) - 2u == 1u', 3, 1, -1],
  [integer, 'self + 9223372036854775807 > 0', 0, 1],
  [integer, 'timestamp(self).getFullYear() == 1970', 1, 99999999999, 999999999999],
  [text, 'timestamp(self).getFullYear() == 2020', '2020-01-01T00:00:00Z', '2020-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '2020-01-01'],
  [text, "timestamp(self).getHours('Nope/Zone') == 0", '2020-01-01T00:00:00Z'],
  [text, "string(duration(self)) == '5400s' && int(timestamp('2020-01-01T00:00:00Z')) == 1577836800", '90m', '0', '1d', '9999999h'],
  [text, 'self.matches(self) || matches(self, "^a")', 'a', '[', 'b('],
  [text, "b'abc' < bytes(self) && bytes(self).size() == 3", 'abd', 'abb'],
  [integer, "'%d of %s'.format([self, 'x']) == '3 of x'", 3, 4],
  [integer, 'self < 2u || self == 3', 1, 3, 4],
];

const rules: readonly Tried[] = [
  [text, "self.startsWith('a') && self.endsWith('z') && self.contains('m')", 'amz', 'am'],
  [text, "self.matches('(?i)^[a-f]+$')", 'ABC', 'xyz'],
  [text, "self.find('[0-9]+') == '12' && self.findAll('[0-9]') == ['1', '2']", 'a12', 'a1'],
  [text, 'self.size() == 2', 'ää', 'a'],
  [text, "self.lowerAscii() == 'abc' && self.upperAscii() == 'ABC' && self.trim() == self", 'aBc', 'aBd'],
  [text, "self.replace('a', 'b') == 'bb' && self.replace('a', 'b', 1) == 'ba'", 'aa', 'ab'],
  [text, "self.split(',').size() == 2 && self.split(',', 1)[0] == 'a,b'", 'a,b', 'a'],
  [text, "self.charAt(0) == 'a' && self.indexOf('b') == 1 && self.lastIndexOf('b') == 2", 'abb', 'ab', ''],
  [text, "self.substring(1) == 'bc' && self.substring(0, 1) == 'a'", 'abc', 'ab'],
  [text, "self < 'b' && self != 'aa'", 'a', 'aa', 'c'],
  [text, "self in ['a', 'b'] || self + 'x' == 'cx'", 'a', 'c', 'd'],
  [text, 'int(self) > 5', '6', '5', 'x'],
  [text, 'double(self) > 0.5', '0.6', '0.4'],
  [text, "isURL(self) && url(self).getScheme() == 'https' && url(self).getPort() == '8443'", 'https://a:8443/b', 'http://a', 'x'],
  [text, "url(self).getHost() == 'a:1' && url(self).getHostname() == 'a' && url(self).getEscapedPath() == '/b'", 'http://a:1/b?c=d', 'http://b'],
  [text, "url(self).getQuery()['c'] == ['d', 'e']", 'http://a/b?c=d&c=e', 'http://a/b?c=d'],
  [text, "isIP(self) && ip(self).family() == 4 && !ip(self).isLoopback()", '10.0.0.1', '127.0.0.1', '::1', 'x'],
  [text, "cidr('10.0.0.0/8').containsIP(self)", '10.1.2.3', '11.1.2.3', '::1'],
  [text, "isCIDR(self) && cidr(self).prefixLength() == 24 && cidr(self).ip() == ip('10.0.0.0')", '10.0.0.0/24', '10.0.0.0/8', 'x'],
  [text, "cidr('10.0.0.0/8').containsCIDR(self)", '10.1.0.0/16', '0.0.0.0/0'],
  [text, "isQuantity(self) && quantity(self).isGreaterThan(quantity('500M'))", '1Gi', '1', 'x'],
  [text, "quantity(self).add(quantity('1')).compareTo(quantity('3')) == 0 && quantity(self).asInteger() == 2", '2', '2000m', '3', '1.5'],
  [text, "isSemver(self) && semver(self).isLessThan(semver('2.0.0')) && semver(self).minor() == 2", '1.2.3', '2.2.0', '1.2.3-rc.1', 'v1.2.3'],
  [text, "semver(self, true).major() == 1", 'v1.2', '2'],
  [text, '!format.dns1123Label().validate(self).hasValue()', 'a-b', 'A_b'],
  [text, "format.named('uuid').value().validate(self).hasValue()", 'x', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  [text, "timestamp(self).getFullYear() == 2026 && timestamp(self) < timestamp('2027-01-01T00:00:00Z')", '2026-01-02T03:04:05Z', '2025-01-02T03:04:05Z'],
  [text, "duration(self) > duration('1m') && duration(self).getHours() == 1", '1h', '30s'],
  [text, "'%s has %s'.format([self, '2']) == 'ab has 2' && '%d%%'.format([self.size()]) == '2%'", 'ab', 'a'],
  [integer, 'self > 3 && self % 2 == 0', 4, 5, 2],
  [integer, 'self / 2 == 3 && -self == -6 && self * 2 - 1 == 11', 6, 8],
  [integer, 'double(self) / 2.0 == 1.5 && string(self) == "3"', 3, 4],
  [integer, 'self < 2.5', 2, 3],
  [integer, '10 / self == 5', 2, 0],
  [integer, '10 % self == 0', 2, 0],
  [integer, 'self == 1 ? true : self == 2 || self == 3', 1, 3, 4],
  [double, 'self >= 0.5 && self < 2.0', 0.5, 2, 1],
  [double, 'int(self) == 1', 1.7, 2.1],
  [texts, "self.all(x, x.size() == 1) && self.exists(x, x == 'a')", ['a', 'b'], ['b'], ['aa']],
  [texts, "self.exists_one(x, x == 'a') && self.map(x, x + '1') == ['a1', 'b1']", ['a', 'b'], ['a', 'a']],
  [texts, "self.filter(x, x != 'a').size() == 1 && self.isSorted()", ['a', 'b'], ['b', 'a'], ['a']],
  [texts, "self.indexOf('b') == 1 && self.lastIndexOf('b') == 2", ['a', 'b', 'b'], ['b']],
  [texts, "sets.contains(self, ['a']) && sets.intersects(self, ['b']) && sets.equivalent(self, ['b', 'a'])", ['a', 'b'], ['a']],
  [texts, "self.distinct().size() == 2 && self.sort() == ['a', 'a', 'b'] && self.reverse()[0] == 'a'", ['b', 'a', 'a'], ['a', 'b']],
  [texts, "self.slice(0, 1) == ['a'] && self + ['z'] == ['a', 'b', 'z']", ['a', 'b'], ['a'], []],
  [texts, "self[1] == 'b'", ['a', 'b'], ['a']],
  [texts, "self.join('-') == 'a-b' && self.join() == 'ab'", ['a', 'b'], ['b']],
  [integers, 'self.sum() == 3 && self.max() == 2 && self.min() == 1', [1, 2], [3], []],
  [integers, 'self.map(x, x * 2).filter(x, x > 2) == [4]', [1, 2], [2, 2]],
  [map, "self['a'] == 1 && 'b' in self && self.size() == 2", { a: 1, b: 2 }, { a: 1 }, { b: 1 }],
  [map, 'self.all(k, self[k] > 0) && self.exists(k, k == "a")', { a: 1 }, { a: 0 }, { b: 1 }],
  [map, "self.map(k, self[k]).sum() == 3", { a: 1, b: 2 }, { a: 1 }],
  [map, "self.?a.orValue(5) == 5", {}, { a: 1 }, { a: 5 }],
  [either, "type(self) == int ? self < 10 : self == 'x'", 3, 11, 'x', 'y'],
  [either, 'self > 3', 4, 2, 'x'],
  [either, "self == 'x' || self == 3", 3, 'x', 4],
  [format('date-time'), "self.getFullYear() == 2026 && self > timestamp('2026-06-01T00:00:00Z')", '2026-07-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  [format('date'), 'self.getDayOfMonth() == 0 || self.getMonth() == 11', '2026-12-02', '2026-01-02'],
  [format('duration'), "self <= duration('1h') && self.getMinutes() == 30", '30m', '2h', '1800s'],
  [format('byte'), "self.size() == 5", 'aGVsbG8=', 'aGVs'],
  [object, "has(self.a) && !has(self.nested) && self.__namespace__ == 'n'", { a: 'x', namespace: 'n' }, { namespace: 'n' }, { a: 'x' }],
  [object, 'self.max__dash__size == 1 && self.a__dot__b__slash__c == 2 && self.x__underscores__y == 3', { 'max-size': 1, 'a.b/c': 2, x__y: 3 }, { 'max-size': 1, 'a.b/c': 2, x__y: 4 }],
  [object, 'self.nested.n == 1 || self.nested.list[0] == 2', { nested: { n: 1 } }, { nested: { n: 3, list: [2] } }, {}],
  [object, "self.?nested.?n.orValue(1) == 1 && self.nested == self.nested", { nested: { n: 1 } }, {}, { nested: { n: 2 } }],
  [object, "dyn(self.a) == 'x' && type(self.a) == string", { a: 'x' }, { a: 'y' }],
  ...moreRules,
];

function rulesDefinition(): Body {
  const properties = Object.fromEntries(
    rules.map(([schema, rule], index) => [`r${String(index)}`, { ...schema, 'x-kubernetes-validations': [{ rule }] }]),
  );
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `ruleds.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'ruleds', kind: 'Ruled' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  };
}

/** Rules in CEL, with the functions that Kubernetes adds. */
export const customRuleCases: readonly ContractCase[] = rules.map(([, rule, ...values], index) => ({
  title: `custom rule: ${rule}`,
  async run(session: Session) {
    const path = await established(session, rulesDefinition());
    for (const value of values) {
      await session.ask('POST', `${path}?dryRun=All`, {
        apiVersion: `${group}/v1`,
        kind: 'Ruled',
        metadata: { name: 'sample' },
        [`r${String(index)}`]: value,
      });
    }
  },
}));
