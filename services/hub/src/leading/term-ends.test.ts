import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { FencedError } from './pen.ts';
import { reportEnds } from './term-ends.ts';

function told(reason: unknown, { over = true, stopping = false } = {}) {
  const controller = new AbortController();
  if (over) controller.abort();
  const lines: string[] = [];
  let fenced = 0;
  const outcomes: PromiseSettledResult<void>[] = [
    { status: 'fulfilled', value: undefined },
    { status: 'rejected', reason: reason ?? controller.signal.reason },
  ];
  const ports = {
    log: { warn: (_: object, message: string) => void lines.push(message) },
    metrics: { fenced: { inc: () => void (fenced += 1) } },
  };
  reportEnds(outcomes, ports, { signal: controller.signal, stopping });
  return { lines, fenced };
}

test('work that was called off when its term ended stops nothing', () => {
  expect(told(undefined)).toEqual({ lines: [], fenced: 0 });
  const ofNode = Object.assign(new Error('The operation was aborted'), { name: 'AbortError' });
  expect(told(ofNode)).toEqual({ lines: [], fenced: 0 });
});

test('work that is aborted while its term goes on, and any other bug, stops the service', () => {
  const aborted = new DOMException('This operation was aborted', 'AbortError');
  expect(() => told(aborted, { over: false })).toThrow('aborted');
  expect(() => told(new TypeError('a bug'))).toThrow('a bug');
});

test('a fault ends the term with a word of it, but for a hub that stops', () => {
  const fault = new FaultError('unavailable', 'NATS is gone', { retry: 'later' });
  expect(told(fault).lines).toHaveLength(1);
  expect(told(fault, { stopping: true }).lines).toEqual([]);
  expect(told(new FencedError())).toEqual({ lines: ['a term of leading ended by a fault'], fenced: 1 });
});
