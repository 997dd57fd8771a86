import { describe, expect, it } from 'vitest';
import { errorBody } from '../../errors/field-error.ts';
import type { Json, JsonObject } from '../../json.ts';
import { readCustomSchema } from '../custom-schema.ts';
import { Correlation } from '../values/correlation.ts';
import { compiledRules } from './compile-rules.ts';
import { ruleFindings } from './rule-errors.ts';

const properties: JsonObject = {
  min: { type: 'integer' },
  max: { type: 'integer' },
  model: { type: 'string' },
  namespace: { type: 'string' },
  'max-size': { type: 'integer' },
  port: { 'x-kubernetes-int-or-string': true },
  limits: { type: 'object', additionalProperties: { type: 'integer' } },
  window: { type: 'string', format: 'duration' },
  stages: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      properties: { name: { type: 'string' }, weight: { type: 'integer' } },
      'x-kubernetes-validations': [{ rule: 'self.weight >= oldSelf.weight', message: 'weight fell' }],
    },
  },
};

function schemaOf(...rules: JsonObject[]) {
  const spec = { type: 'object', properties, 'x-kubernetes-validations': rules };
  return readCustomSchema({ type: 'object', properties: { spec } });
}

/** Why rules of the spec cannot be compiled. */
function compileErrors(rule: JsonObject): (string | undefined)[] {
  const spec = schemaOf(rule).properties.get('spec') ?? schemaOf();
  return compiledRules(spec, false)
    .flatMap(({ error, messageError }) => [error, messageError])
    .filter((error) => error !== undefined);
}

function found(rule: JsonObject, spec: Json, old?: Json) {
  const schema = schemaOf(rule);
  const [object, before] = [{ spec }, old === undefined ? undefined : { spec: old }];
  const correlation = before === undefined ? undefined : new Correlation(object, before, schema);
  const { errors, warnings } = ruleFindings(object, before, { schema, correlation });
  return [
    ...errors.map((error) => `${error.field}: ${errorBody(error)}`),
    ...warnings.map((text) => `! ${text}`),
  ];
}

describe('rules of custom kinds', () => {
  it('refuse what breaks them, in their own words when they have some', () => {
    const rule = 'self.min <= self.max';
    expect(found({ rule }, { min: 1, max: 2 })).toEqual([]);
    expect(found({ rule }, { min: 3, max: 2 })).toEqual([`spec: Invalid value: failed rule: ${rule}`]);
    expect(found({ rule, message: ' too high ' }, { min: 3, max: 2 })).toEqual([
      'spec: Invalid value: too high',
    ]);
    const messageExpression = "'at most %d'.format([self.max])";
    expect(
      found(
        { rule, messageExpression, fieldPath: '.min', reason: 'FieldValueForbidden' },
        { min: 3, max: 2 },
      ),
    ).toEqual(['spec.min: Forbidden: at most 2']);
  });

  it.each([
    ["self.limits['a'] > 1", { limits: {} }, 'no such key: a'],
    ['self.max > 1', {}, 'no such key: max'],
    ['10 / self.max > 1', { max: 0 }, 'division by zero'],
    ['self.max + 9223372036854775807 > 1', { max: 1 }, 'integer overflow'],
    ['self.stages[2].weight > 1', { stages: [] }, 'index out of bounds: 2'],
    ['self.model.matches(self.model)', { model: '(' }, 'error parsing regexp: missing closing ): `(`'],
  ])('say what went wrong when %s cannot be told of %o', (rule, spec, why) => {
    expect(found({ rule }, spec)).toEqual([`spec: Invalid value: "object": ${why} evaluating rule: ${rule}`]);
  });

  it('say that values of other types than expected cannot be compared', () => {
    const rule = 'self.port > 3';
    expect(found({ rule }, { port: 'http' })).toEqual([
      'spec: Invalid value: "object": \'no such overload\': call arguments did not match a supported operator, ' +
        `function or macro signature for rule: ${rule}`,
    ]);
  });

  it.each([
    ["self.__namespace__ == 'a' && self.max__dash__size == 3", { namespace: 'a', 'max-size': 3 }],
    ["self.model.matches('(?i)^LLAMA') && self.model.find('[0-9]+') == '3'", { model: 'llama-3' }],
    ["self.window > duration('59m') && self.window < duration('61m')", { window: '1h' }],
    ["self.limits.all(name, self.limits[name] > 0) && 'a' in self.limits", { limits: { a: 1 } }],
    ["type(self.port) == int ? self.port > 3 : self.port == 'http'", { port: 'http' }],
    [
      "self.stages.map(s, s.weight).sum() == 3 && self.stages.exists_one(s, s.name == 'b')",
      {
        stages: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 2 },
        ],
      },
    ],
    ["quantity('1Gi').isGreaterThan(quantity('1G')) && semver('1.2.3').isLessThan(semver('1.10.0'))", {}],
    ["cidr('10.0.0.0/8').containsIP('10.1.2.3') && ip('::1').isLoopback() && !isIP('x')", {}],
    ["url('https://a.example:80/b').getHost() == 'a.example:80' && !isURL('x')", {}],
    ["!format.dns1123Label().validate('a').hasValue() && sets.contains([1, 2], [1])", {}],
    ['[3, 1].sort() == [1, 3] && [1, 1].distinct() == [1] && [1, 2].max() == 2', {}],
    ["self.?model.orValue('none') == 'none'", {}],
    ["self.?model.optMap(m, m + '!').orValue('') == 'a!'", { model: 'a' }],
    ["self.limits.all(k, v, k == 'a' && v > 0)", { limits: { a: 1 } }],
    ["self.stages.transformList(i, s, i > 0, s.name) == ['b']", { stages: [{ name: 'a' }, { name: 'b' }] }],
    ["self.stages.transformMapEntry(i, s, {s.name: i}) == {'a': 0}", { stages: [{ name: 'a' }] }],
    ["self.stages.sortBy(s, s.name)[0].name == 'a'", { stages: [{ name: 'b' }, { name: 'a' }] }],
    ["bool('T') && int('+1') == 1 && double('1e3') == 1000.0 && '\u{1f600}b'.substring(1) == 'b'", {}],
    ["'%d of %s'.format([self.max, 'x']) == '3 of x'", { max: 3 }],
    ['self.stages[0] != null && has(self.stages[0].name)', { stages: [{ name: 'a' }] }],
  ])('know %s', (rule, spec) => {
    expect(compileErrors({ rule })).toEqual([]);
    expect(found({ rule }, spec)).toEqual([]);
  });

  it('compare with the old value when there is one, by key in lists', () => {
    const rule = { rule: 'self.model == oldSelf.model', message: 'model is immutable' };
    expect(found(rule, { model: 'a' })).toEqual([]);
    expect(found(rule, { model: 'a' }, { model: 'b' })).toEqual(['spec: Invalid value: model is immutable']);
    const stages = [
      { name: 'new', weight: 0 },
      { name: 'a', weight: 1 },
    ];
    expect(found({ rule: 'true' }, { stages }, { stages: [{ name: 'a', weight: 5 }] })).toEqual([
      'spec.stages[1]: Invalid value: weight fell',
    ]);
  });

  it('may look at an old value that need not be there', () => {
    const rule = { rule: "oldSelf.hasValue() || self.model == 'first'", optionalOldSelf: true };
    expect(found(rule, { model: 'first' })).toEqual([]);
    expect(found(rule, { model: 'other' })).toHaveLength(1);
    expect(found(rule, { model: 'other' }, { model: 'first' })).toEqual([]);
  });

  it('only warn of what was wrong before and did not change', () => {
    const rule = { rule: 'self.max < 3', message: 'too high' };
    expect(found(rule, { max: 5 }, { max: 5 })).toEqual(['! spec: Invalid value: too high']);
    expect(found(rule, { max: 6 }, { max: 5 })).toEqual(['spec: Invalid value: too high']);
  });

  it.each([
    ['self.nope > 1', "ERROR: <input>:1:5: undefined field 'nope'\n | self.nope > 1\n | ....^"],
    ['foo', "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"],
    [
      "self.max == 'a'",
      "ERROR: <input>:1:10: found no matching overload for '_==_' applied to '(int, string)'\n | self.max == 'a'\n | .........^",
    ],
    ['has(self.nope)', "ERROR: <input>:1:4: undefined field 'nope'\n | has(self.nope)\n | ...^"],
    [
      "self.model.matches('[')",
      "ERROR: <input>:1:20: invalid matches argument\n | self.model.matches('[')\n | ...................^",
    ],
    [
      "[1, 'a'] == []",
      "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a'] == []\n | ....^",
    ],
    [
      "'%d'.format([self.model]) == ''",
      "ERROR: <input>:1:18: error during formatting: decimal clause can only be used on integers, was given string\n | '%d'.format([self.model]) == ''\n | .................^",
    ],
    [
      'a && b(1)',
      "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a && b(1)\n | ^\nERROR: <input>:1:7: undeclared reference to 'b' (in container '')\n | a && b(1)\n | ......^",
    ],
  ])('are refused when they make no sense: %s', (rule, why) => {
    expect(compileErrors({ rule })).toEqual([`compilation failed: ${why}`]);
  });

  it.each([
    ['1 / self.min == 1 || 1 % self.min == 1', 'division by zero'],
    ["self.model == 'a' && 1 / self.min == 1", 'no such key: model'],
    ['self.model == self.__namespace__', 'no such key: model'],
  ])('tell what fails first: %s', (rule, why) => {
    expect(found({ rule }, { min: 0 })).toEqual([
      `spec: Invalid value: "object": ${why} evaluating rule: ${rule}`,
    ]);
  });

  it('have to be true or false, and their messages text', () => {
    expect(compileErrors({ rule: 'self.max' })).toEqual(['cel expression must evaluate to a bool']);
    expect(compileErrors({ rule: 'true', messageExpression: 'self.max' })).toEqual([
      'messageExpression must evaluate to a string',
    ]);
  });
});
