import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { Warnings } from './warnings.ts';

function headers(...texts: readonly string[]): readonly string[] {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const warnings = new Warnings(response);
  for (const text of texts) warnings.add(text);
  return [response.getHeader('warning') ?? []].flat().map(String);
}

it('are told once each, quoted', () => {
  expect(headers('unknown field "a\\b"', 'b', 'b', '')).toEqual([
    String.raw`299 - "unknown field \"a\\b\""`,
    '299 - "b"',
  ]);
});

it('are sent as UTF-8, and those with control characters not at all', () => {
  expect(headers('日\u2028', 'a\r\nSet-Cookie: b')).toEqual([
    Buffer.from('299 - "日\u2028"').toString('latin1'),
  ]);
});

it('are whole while there are few, however long they are', () => {
  expect(headers('a'.repeat(4_096))).toEqual([`299 - "${'a'.repeat(4_096)}"`]);
});

it('are cut short when they come to more than clients can read', () => {
  const many = Array.from({ length: 100 }, (_, index) => `${String(index)} ${'a'.repeat(400)}`);
  const told = headers(...many);
  expect(told).toHaveLength(16);
  expect(told[0]).toBe(`299 - "0 ${'a'.repeat(254)}"`);
});
