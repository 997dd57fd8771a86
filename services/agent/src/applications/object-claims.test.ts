import { expect, test } from 'vitest';
import { createObjectClaims } from './object-claims.ts';

test('an object belongs to who claims it first, until it is released', () => {
  const claims = createObjectClaims();
  expect(claims.claim('x', 'a')).toBe('a');
  expect(claims.claim('x', 'b')).toBe('a');
  claims.release('x', 'b');
  expect(claims.ownerOf('x')).toBe('a');
  claims.release('x', 'a');
  expect(claims.claim('x', 'b')).toBe('b');
});

test('only who has an object can hand it over, and its giver is told once', () => {
  const claims = createObjectClaims();
  claims.claim('x', 'a');
  expect(claims.handOver('x', 'c', 'b')).toBe(false);
  expect(claims.giverOf('x')).toBeUndefined();
  expect(claims.handOver('x', 'a', 'b')).toBe(true);
  expect(claims.ownerOf('x')).toBe('b');
  expect(claims.handOver('x', 'a', 'b')).toBe(false);
  expect(claims.giverOf('x')).toBe('a');
  expect(claims.giverOf('x')).toBeUndefined();
});

test('an object that nobody has by now can be handed over by who remembers it', () => {
  const claims = createObjectClaims();
  expect(claims.handOver('x', 'a', 'b')).toBe(true);
  expect(claims.claim('x', 'a')).toBe('b');
});
