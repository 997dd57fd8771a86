import { describe, expect, test } from 'vitest';
import { parseFleetConfig } from './fleet-config.ts';

const read = (before: string, after = 'null') => {
  const stage = `{ name: all, clusters: {}, before: ${before}${after === 'null' ? '' : `, after: ${after}`} }`;
  const text = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: careful }
spec: { stages: [${stage}] }
`;
  return parseFleetConfig([{ path: 'fleet/careful.yaml', text }]);
};
const gates = (before: string) => read(before).config.strategies[0]?.stages[0]?.before;
const problems = (before: string, after?: string) =>
  read(before, after).problems.map(({ line, message, fix = '' }) => `${line}: ${message}; ${fix}`);

describe('a gate', () => {
  test('by approval asks for one person who did not write it, for a day', () => {
    expect(gates('[{ name: qa, approval: {} }]')).toEqual([
      { kind: 'approval', name: 'qa', required: 1, excludeAuthor: true, expiresAfterMs: 86_400_000 },
    ]);
  });

  test('by metric, Job and webhook has the defaults of what is left out', () => {
    expect(gates('[{ name: errors, metric: { source: prometheus, query: up, max: 0.01 } }]')).toEqual([
      {
        ...{ kind: 'metric', name: 'errors', source: 'prometheus', query: 'up', intervalMs: 60_000 },
        ...{ max: 0.01, aggregate: 'every', forMs: 300_000, failAfterMs: 0, firstInstall: 'hold' },
      },
    ]);
    expect(gates('[{ name: smoke, job: { spec: { template: {} }, timeout: 5m } }]')).toEqual([
      { kind: 'job', name: 'smoke', spec: { template: {} }, timeoutMs: 300_000, firstInstall: 'hold' },
    ]);
    expect(gates("[{ name: change, webhook: { url: 'https://gates.example.com/x' } }]")).toEqual([
      { kind: 'webhook', name: 'change', url: 'https://gates.example.com/x', intervalMs: 30_000 },
    ]);
  });

  test.each([
    ['[{ name: qa }]', 'exactly one of approval, metric, job, webhook'],
    ['[{ name: qa, approval: {}, webhook: { url: "https://a.example/" } }]', 'exactly one of'],
    ['[{ name: qa, approval: { required: 0 } }]', 'at least 1'],
    ['[{ name: qa, approval: { roles: ["No Role"] } }]', 'the name of a role'],
    ['[{ name: qa, approval: { expiresAfter: 1s } }]', 'from 1m to 30d'],
    ['[{ name: qa, aproval: {} }]', 'did you mean approval?'],
    ['[{ name: errors, metric: { source: p, query: up } }]', 'needs min, max or both'],
    ['[{ name: errors, metric: { source: p, query: up, min: 2, max: 1 } }]', 'must not be above max'],
    ['[{ name: errors, metric: { source: p, query: up, min: "2" } }]', 'a number'],
    ['[{ name: errors, metric: { source: p, query: up, min: .inf } }]', 'no JSON form'],
    ['[{ name: errors, metric: { source: p, query: up, min: 1, interval: 1s } }]', 'from 10s to 1h'],
    ['[{ name: change, webhook: { url: "ftp://a.example/" } }]', 'a URL of http or https'],
    ['[{ name: change, webhook: { url: "https://me:secret@a.example/" } }]', 'without user'],
    [`[{ name: smoke, job: { spec: { template: { a: ${'x'.repeat(17_000)} } } } }]`, '16384 characters'],
  ])('is refused where it makes no sense: %s', (before, said) => {
    expect(problems(before).join('\n')).toContain(said);
  });

  test('may be long, but not all of a strategy together', () => {
    const job = (at: number) =>
      `{ name: smoke-${at}, job: { spec: { template: { a: ${'x'.repeat(16_000)} } } } }`;
    const jobs = (from: number, to: number) =>
      `[${Array.from({ length: to - from }, (_, at) => job(from + at)).join(', ')}]`;
    expect(problems(jobs(0, 8))).toEqual([]);
    expect(problems(jobs(0, 8), jobs(8, 9)).join('\n')).toContain('at most 131072 characters as JSON');
  });

  test('has a name that no other gate of the strategy has, also not after the stage', () => {
    expect(problems('[{ name: qa, approval: {} }]', '[{ name: qa, approval: {} }]')).toEqual([
      '4: two gates are named "qa"; give each gate its own name',
    ]);
  });
});
