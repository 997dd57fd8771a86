import type { RolloutView } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { rolloutLines } from './rollouts.ts';

test('a stage of hundreds of clusters takes one line that people can read, those in need first', () => {
  const cluster = (name: string, phase: 'healthy' | 'assigned' | 'failed') => ({
    name,
    phase,
    generation: 2,
    message: phase === 'failed' ? 'no report' : '',
  });
  const clusters = [
    ...Array.from({ length: 400 }, (_, at) => cluster(`well-${at}`, 'healthy')),
    ...Array.from({ length: 30 }, (_, at) => cluster(`busy-${at}`, 'assigned')),
    cluster('broken', 'failed'),
  ];
  const rollout: RolloutView = {
    id: 'web-1',
    application: 'web',
    release: 'sha256:1',
    revision: 'c0ffee',
    phase: 'progressing',
    reason: '',
    startedAtMs: 0,
    endedAtMs: null,
    stages: [{ name: 'all', phase: 'progressing', clusters }],
  };
  const line = rolloutLines(rollout, (_, text) => text, 0).split('\n')[1];
  expect(line).toMatch(/^ {2}all +progressing broken failed \(no report\), busy-0 assigned, /);
  expect(line).toMatch(/busy-18 assigned, and 11 assigned, 400 healthy$/);
});
