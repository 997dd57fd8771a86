import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMetricAnswer } from './metric-answer.ts';

const asked = { source: 'prometheus', intervalMs: 30_000, nowMs: 1_000_000 };
const answer = (resultType: string, result: unknown) => ({
  status: 200,
  body: JSON.stringify({ status: 'success', data: { resultType, result } }),
});
const vector = (...values: unknown[]) =>
  answer(
    'vector',
    values.map((value) => ({ metric: { secret: 'label-text' }, value })),
  );
const read = (given: { status: number; body: string }) => readMetricAnswer(given, asked);

describe('an answer of a metrics source', () => {
  it.each<[string, { status: number; body: string }, number]>([
    ['a scalar', answer('scalar', [1_000, '0.25']), 0.25],
    ['a vector of one sample', vector([1_000, '12']), 12],
    ['zero', vector([1_000, '0']), 0],
    ['a small number', vector([1_000, '1e-9']), 1e-9],
    ['a negative number', vector([1_000, '-1.5E+3']), -1_500],
    ['a sample of two intervals ago', vector([940, '1']), 1],
    ['a sample of a clock that is ahead', vector([1_500, '1']), 1],
  ])('gives a value when it is %s', (_what, given, value) => {
    expect(read(given)).toEqual({ kind: 'value', value });
  });

  it.each<[string, { status: number; body: string }, string]>([
    ['an empty vector', vector(), 'gives no sample'],
    ['several samples', vector([1_000, '1'], [1_000, '2']), 'gives 2 samples'],
    ['not a number', vector([1_000, 'NaN']), 'gives NaN'],
    ['endless', vector([1_000, '+Inf']), 'gives +Inf'],
    ['endless below', answer('scalar', [1_000, '-Inf']), 'gives -Inf'],
    ['an empty text', vector([1_000, '']), 'no finite number'],
    ['a hexadecimal number', vector([1_000, '0x10']), 'no finite number'],
    ['beyond all numbers', vector([1_000, '1e999']), 'no finite number'],
    ['a JSON number', vector([1_000, 1]), 'no finite number'],
    ['older than two intervals', vector([939.9, '1']), 'is 60 s old'],
    ['without a time', vector([null, '1']), 'no time'],
    ['a histogram', answer('vector', [{ metric: {}, histogram: [1_000, {}] }]), 'is no number'],
    ['a matrix', answer('matrix', []), 'gives a matrix'],
    ['a text', answer('string', [1_000, '1']), 'gives a string'],
    ['of an odd kind', answer('<b>', []), 'another kind of result'],
    ['without a result', answer('vector', null), 'has no result'],
    ['no JSON', { status: 200, body: '<html>' }, 'is not one of the Prometheus HTTP API'],
    [
      'an error that says OK',
      { status: 200, body: '{"status":"error"}' },
      'is not one of the Prometheus HTTP API',
    ],
    ['null', { status: 200, body: 'null' }, 'is not one of the Prometheus HTTP API'],
  ])('says why nothing is known when it is %s', (_what, given, text) => {
    const result = read(given);
    expect(result.kind).toBe('nothing');
    expect(result.kind === 'nothing' && result.message).toContain(text);
  });

  it.each([
    [302, '', 'a redirect, which is not followed'],
    [401, '', 'does not let this agent ask'],
    [403, '', 'does not let this agent ask'],
    [400, '{"errorType":"bad_data","error":"secret"}', 'cannot read the query'],
    [422, '{"errorType":"execution","error":"secret"}', 'cannot evaluate the query'],
    [503, '{"errorType":"timeout","error":"secret"}', 'takes it too long'],
    [500, '{"errorType":"constructor"}', 'mend the source'],
    [204, '', 'answers HTTP 204'],
  ])('says what to do about HTTP %i', (status, body, text) => {
    const result = read({ status, body });
    expect(result.kind === 'nothing' && result.message).toContain(text);
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it('never throws, and never tells of an answer more than numbers', () => {
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((data) => `{"status":"success","data":${data}}`),
    );
    fc.assert(
      fc.property(fc.nat({ max: 600 }), body, (status, text) => {
        const result = read({ status, body: text });
        if (result.kind === 'value') expect(Number.isFinite(result.value)).toBe(true);
        else expect(result).toMatchObject({ kind: 'nothing' });
      }),
    );
    expect(JSON.stringify(read(vector([1_000, '1'], [1_000, '2'])))).not.toContain('label-text');
  });
});
