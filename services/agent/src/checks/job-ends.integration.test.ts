import type { JobCheck } from '@meridian/fleet';
import { gpuNodes } from '@meridian/testkit';
import { expect, inject, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap } from '../testing/rig.ts';
import { startWorld } from '../testing/world.ts';

// With all controllers, which end Jobs by themselves, and a node.
const plane = usePlane('job-ends', { nodes: gpuNodes('one', 1) });

const job = (timeoutMs: number, more: object = {}): JobCheck => ({
  id: 'smoke',
  when: 'healthy',
  kind: 'job',
  spec: {
    template: { spec: { containers: [{ name: 'main', image: 'registry.example/smoke:1' }], ...more } },
  },
  timeoutMs,
});

it('a Job of a check that the cluster runs to its end has succeeded', async () => {
  await using world = await startWorld(plane);
  await world.agent.give('web', world.hub.sign('web', [configMap('a')], { checks: [job(600_000)] }));
  const { checks } = await world.agent.reaches('web', 'has an end', ({ checks: all }) => {
    return all?.[0]?.phase === 'succeeded' || all?.[0]?.phase === 'failed';
  });
  expect(checks).toMatchObject([{ id: 'smoke', phase: 'succeeded' }]);
});

// Simulated clusters know no deadlines of Jobs.
it.runIf(inject('kube') === 'real')(
  'a Job of a check that takes longer than it may has failed with that reason',
  async () => {
    await using world = await startWorld(plane);
    // No node takes its pod.
    const endless = job(1_000, { nodeSelector: { no: 'such-node' } });
    await world.agent.give('web', world.hub.sign('web', [configMap('a')], { checks: [endless] }));
    const { checks } = await world.agent.reaches('web', 'has an end', ({ checks: all }) => {
      return all?.[0]?.phase === 'failed';
    });
    expect(checks?.[0]?.message).toContain('failed: DeadlineExceeded');
  },
);
