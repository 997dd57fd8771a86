import { describe, expect, test } from 'vitest';
import { durationToMs, fleetJsonSchemas, matchesSelector, parseName, type LabelSelector } from './index.ts';

const labels = { region: 'eu-west-1', tier: 'prod' };

test.each<[string, LabelSelector, boolean]>([
  ['an empty selector matches everything', {}, true],
  ['all labels must match', { matchLabels: { region: 'eu-west-1', tier: 'dev' } }, false],
  ['matching labels match', { matchLabels: { tier: 'prod' } }, true],
  [
    'In needs a listed value',
    { matchExpressions: [{ key: 'tier', operator: 'In', values: ['dev', 'prod'] }] },
    true,
  ],
  [
    'In fails for an absent key',
    { matchExpressions: [{ key: 'gpu', operator: 'In', values: ['a'] }] },
    false,
  ],
  [
    'NotIn holds for an absent key',
    { matchExpressions: [{ key: 'gpu', operator: 'NotIn', values: ['a'] }] },
    true,
  ],
  [
    'NotIn fails for a listed value',
    { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['prod'] }] },
    false,
  ],
  ['Exists needs the key', { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] }, false],
  ['DoesNotExist needs its absence', { matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] }, true],
  [
    'labels and expressions must all hold',
    { matchLabels: { tier: 'prod' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
    false,
  ],
  [
    'what every object has is no label',
    { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] },
    false,
  ],
])('%s', (_, selector, expected) => {
  expect(matchesSelector(selector, labels)).toBe(expected);
});

test('durations have units and an end', () => {
  expect(['0s', '0', '90s', '10m', '1h30m', '1.5s', '250ms', '2d'].map(durationToMs)).toEqual([
    ...[0, 0, 90_000, 600_000, 5_400_000, 1_500, 250, 172_800_000],
  ]);
  expect(['', '5', 'm', '-1s', '1 m', '1m '.trimEnd() + 'x', `${'9'.repeat(20)}d`].map(durationToMs)).toEqual(
    Array(7).fill(undefined),
  );
});

test('names are DNS labels', () => {
  expect(['a', 'us-east-1', 'a'.repeat(63)].every((name) => parseName(name) === name)).toBe(true);
  expect(
    ['', '-a', 'a-', 'A', 'a.b', 'a b', 'a>', 'a*', 'a'.repeat(64), 'é', 5, null].map(parseName),
  ).toEqual(Array(12).fill(undefined));
});

describe('the JSON Schemas', () => {
  test('refuse unknown fields on every level and name what is required', () => {
    const text = JSON.stringify(fleetJsonSchemas());
    const { application } = fleetJsonSchemas();
    expect(application).toMatchObject({
      additionalProperties: false,
      required: ['apiVersion', 'kind', 'metadata', 'spec'],
    });
    expect(text.match(/"properties":/g)?.length).toBe(text.match(/"additionalProperties":false/g)?.length);
  });
});
