import { expect, test } from 'vitest';
import { readAnswer } from './publish.ts';

const read = (answer: unknown, expected?: number) =>
  readAnswer(
    new TextEncoder().encode(typeof answer === 'string' ? answer : JSON.stringify(answer)),
    expected,
  );

test('only the place that was asked for is proof', () => {
  expect(read({ stream: 'S', seq: 8 }, 7)).toEqual({ kind: 'stored' });
  expect(read({ stream: 'S', seq: 8, duplicate: true }, 7)).toEqual({ kind: 'stored' });
  expect(read({ stream: 'S', seq: 5, duplicate: true }, 7)).toEqual({ kind: 'unknown' });
  expect(read({ stream: 'S', seq: 9 }, 7)).toEqual({ kind: 'unknown' });
  expect(read({ stream: 'S', seq: 9 })).toEqual({ kind: 'stored' });
});

test.each([10071, 10164])('error %s means that another message has the place', (err_code) => {
  expect(
    read({ error: { code: 400, err_code, description: 'wrong last sequence: 9' }, stream: 'S', seq: 0 }, 7),
  ).toEqual({ kind: 'refused' });
});

test('an error that may pass leaves the outcome unknown, another one says why', () => {
  expect(
    read(
      { error: { code: 503, err_code: 10008, description: 'JetStream system temporarily unavailable' } },
      7,
    ),
  ).toEqual({ kind: 'unknown' });
  expect(
    read({ error: { code: 400, err_code: 10054, description: 'message size exceeds maximum allowed' } }, 7),
  ).toMatchObject({
    kind: 'failed',
    fault: { code: 'invalid', retry: 'never' },
  });
  expect(
    read({ error: { code: 400, err_code: 10077, description: 'maximum bytes exceeded' } }, 7),
  ).toMatchObject({
    kind: 'failed',
    fault: { code: 'exhausted', retry: 'later' },
  });
});

test.each(['', 'not json', '[]', 'null', '{"seq":"8"}'])(
  'an answer of %j leaves the outcome unknown',
  (answer) => {
    expect(read(answer, 7)).toEqual({ kind: 'unknown' });
  },
);
