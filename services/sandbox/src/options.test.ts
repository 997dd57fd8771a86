import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';
import { SandboxError } from './sandbox-error.ts';

function refusal(args: string[]): SandboxError {
  try {
    parseOptions(args, '/here');
  } catch (error) {
    if (error instanceof SandboxError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('without options nothing is asked for: the data directory decides', () => {
  expect(parseOptions(['start'], '/here')).toMatchObject({
    command: 'start',
    data: undefined,
    clusters: undefined,
    kube: undefined,
    detach: false,
    healthyWithinMs: undefined,
  });
});

test('--data is relative to where the command was given', () => {
  expect(parseOptions(['start', '--data', 'x', '--clusters', '5', '--detach'], '/here')).toMatchObject({
    data: '/here/x',
    clusters: 5,
    detach: true,
  });
});

test('--timeout is in seconds', () => {
  expect(parseOptions(['start', '--timeout', '20'], '/').healthyWithinMs).toBe(20_000);
});

test('--kube takes real or a list of contexts', () => {
  expect(parseOptions(['start', '--kube', 'real'], '/').kube).toEqual({ kind: 'real' });
  expect(parseOptions(['start', '--kube', 'east, west'], '/').kube).toEqual({
    kind: 'contexts',
    contexts: ['east', 'west'],
  });
});

test('--kube takes simulated clusters, with their number', () => {
  const { kube, clusters } = parseOptions(['start', '--kube', 'sim', '--clusters', '50'], '/');
  expect([kube, clusters]).toEqual([{ kind: 'sim' }, 50]);
});

test.each([
  [[]],
  [['dance']],
  [['start', 'now']],
  [['start', '--clusters', '0']],
  [['start', '--clusters', 'three']],
  [['start', '--nonsense']],
  [['start', '--kube', 'a,,b']],
  [['start', '--kube', 'a,a']],
  [['start', '--kube', 'a', '--clusters', '2']],
])('%j is refused with the usage', (args) => {
  const error = refusal(args);
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain('usage: npm start');
});
