import { describe, expect, test } from 'vitest';
import { celEnvironment, celValue, Meter, metered, parseExpression } from './index.ts';

function program(expression: string) {
  const environment = celEnvironment().registerVariable('x', 'dyn');
  const parsed = parseExpression(environment, expression);
  if (!parsed.ok) throw new Error(parsed.message);
  return metered(parsed.program);
}

function steps(expression: string, x: unknown = null): number {
  const meter = new Meter(1e9);
  program(expression)({ x: celValue(x) }, meter);
  return meter.taken;
}

const items = (count: number) => Array.from({ length: count }, (_, index) => index);

test('a metered expression comes to what it comes to otherwise, again and again', () => {
  const run = program("x.a == 1 && ['b', 'c'].exists(one, one == x.b) && 'abc'.matches('^a.c$')");
  for (const b of ['b', 'd', 'c'])
    expect(run({ x: celValue({ a: 1, b }) }, new Meter(1_000))).toBe(b !== 'd');
});

test('the same expression takes the same steps each time, the first one too', () => {
  const run = program('x.map(one, one + 1).filter(one, one > 2).size() > 1');
  const taken = [1, 2, 3].map(() => {
    const meter = new Meter(1_000);
    run({ x: celValue(items(5)) }, meter);
    return meter.taken;
  });
  expect(new Set(taken).size).toBe(1);
});

describe('steps grow with what is done', () => {
  test('with the items of each list that is walked through', () => {
    const nested = 'x.all(a, x.all(b, a + b >= 0))';
    expect(steps(nested, items(100))).toBeGreaterThan(50 * steps(nested, items(10)));
  });

  test('with two variables, too', () => {
    const nested = 'x.all(i, a, x.all(j, b, a + b >= i - i))';
    expect(steps(nested, items(100))).toBeGreaterThan(50 * steps(nested, items(10)));
  });

  test('with the length of text and the length of the pattern', () => {
    const long = 'a'.repeat(10_000);
    expect(steps(`x.matches('${'a?'.repeat(100)}')`, long)).toBeGreaterThan(100_000);
    expect(steps("x.replace('a', x) != ''", 'a'.repeat(1_000))).toBeGreaterThan(60_000);
  });

  test('with the length of a text whose characters are counted or read', () => {
    for (const read of ["x.substring(0, 1) == ''", 'isIP(x)', 'format.byte().validate(x).hasValue()'])
      expect(steps(read, 'a'.repeat(100_000)), read).toBeGreaterThan(6_000);
    expect(steps('x.size() > 0', 'a'.repeat(100_000))).toBeGreaterThan(6_000);
    expect(steps('size(x) > 0', 'a'.repeat(100_000))).toBeGreaterThan(6_000);
    expect(steps('isURL(x)', 'a'.repeat(100_000))).toBeGreaterThan(6_000);
    expect(steps("url(x).getHost() == ''", `/${'a'.repeat(100_000)}`)).toBeGreaterThan(6_000);
  });

  test.each(['x.isSorted()', 'x.min() == 0', 'x.max() == 1', 'x.sum() == 1', '-1 in x', 'x == x', 'x != x'])(
    'with the length of the list in %s',
    (expression) => {
      expect(steps(expression, items(4_000))).toBeGreaterThanOrEqual(1_000);
      expect(steps(expression, items(1))).toBeLessThan(10);
    },
  );

  test('with all that is inside of values that are compared, and with long texts', () => {
    const nested = { a: items(100).map((item) => [item, { b: items(10) }]) };
    expect(steps('x == x', nested)).toBeGreaterThan(300);
    expect(steps("x == 'a'", 'a'.repeat(160_000))).toBeGreaterThanOrEqual(1_000);
    expect(steps("x < 'a'", 'a'.repeat(160_000))).toBeGreaterThanOrEqual(1_000);
  });

  test('but not with the fields of a map in which one is looked for', () => {
    const map = Object.fromEntries(items(1_000).map((item) => [`k${item}`, items(10)]));
    expect(steps("'k1' in x", map)).toBeLessThan(10);
  });

  test('with each pair of items that is compared', () => {
    expect(steps('x.distinct().size() > 0', items(1_000))).toBeGreaterThan(60_000);
  });
});

describe('a meter that has no steps left', { timeout: 60_000 }, () => {
  const bombs = [
    'x.all(a, x.all(b, x.all(c, x.all(d, true))))',
    'x.exists(a, x.exists(b, x.exists(c, x.exists(d, false))))',
    'x.map(a, x.map(b, x.map(c, x)))',
    'x.all(i, a, x.all(j, b, x.all(k, c, true)))',
    '[x, x].map(a, x.map(b, x.map(c, x))).size() > 0',
    'false || x.all(a, x.all(b, x.all(c, true)))',
    'x.all(a, x == x)',
    'x.all(a, !(-1 in x))',
    'x.all(a, x.isSorted() && x.min() <= x.max())',
  ];
  /** Lists that hold the same list a thousand times over, three deep: quickly made, and a thousand million values. */
  const shared = (use: string) =>
    `[x.map(i, x)].exists(a, [x.map(i, a)].exists(b, [x.map(i, b)].exists(c, ${use})))`;
  const large = [
    'lists.range(1000000000000).size() > 0',
    'lists.range(9223372036854775807).size() > 0',
    ...['c == c', 'c.flatten(3).size() > 0', "'%s'.format([c]) == ''", '[c, x].distinct().size() > 2'].map(
      shared,
    ),
    'sets.contains([x.map(i, x.map(i, x))], [x])',
    "[x.map(i, '0123456789').join('')].exists(a, [x.map(i, a).join('')].exists(b, x.map(i, b).join('') == ''))",
    "[x.map(i, '0123456789').join('')].exists(a, x.map(i, '').join(a + a + a) == '')",
  ];
  test.each(large)('ends %s before it is made or walked through', (bomb) => {
    const meter = new Meter(100_000);
    const before = process.memoryUsage().heapUsed;
    expect(() => program(bomb)({ x: celValue(items(1_000)) }, meter)).toThrow('too many steps');
    expect(meter.isExhausted).toBe(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });

  test.each(bombs)('ends %s', (bomb) => {
    const meter = new Meter(100_000);
    const run = program(bomb);
    try {
      run({ x: celValue(items(1_000)) }, meter);
    } catch (error) {
      expect(error).toMatchObject({ message: 'the expression takes too many steps' });
    }
    expect(meter.isExhausted).toBe(true);
    // Loops go on for the items that are left, and each ends with its first step.
    expect(meter.taken).toBeLessThan(110_000);
  });
});
