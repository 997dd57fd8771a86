import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createOutbox } from '@meridian/link';
import { describe, expect, it } from 'vitest';
import { setStatus } from '../testing/job-end.ts';
import { leapingClock } from '../testing/leaping-clock.ts';
import { usePlane } from '../testing/plane.ts';
import { startReturningHub } from '../testing/returning-hub.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';

const plane = usePlane('weeks-alone');
const fieldManager = 'somebody';
const { signal } = new AbortController();
const hourMs = 3_600_000;
const days = 21;
const maxEvents = 20;
/** Most that an application's record has of the history of its drift. */
const historyBytes = 32 * 1024;

const sizeOf = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

describe('an agent that has neither hub nor NATS for three weeks, and a certificate that ends meanwhile', () => {
  it('heals and judges on through restarts, keeps no more than before, and reports in full when they are back', async () => {
    const clock = leapingClock();
    const outbox = createOutbox(maxEvents);
    await using world = await startWorld(plane, { clock, outbox });
    const { hub, namespace } = world;
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' };
    const disturb = {
      edit: (day: number) =>
        plane.kube.patch(
          ref,
          { type: 'merge', patch: { data: { key: `day ${day}` } } },
          { fieldManager, signal },
        ),
      remove: () => plane.kube.remove(ref, { signal }),
    };
    const isHealed = async () => (await world.live('ConfigMap', 'a'))?.['data'];
    const judged = async (ready: number) => {
      const server = `/apis/apps/v1/namespaces/${namespace}/deployments/server/status`;
      const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: ready, availableReplicas: ready };
      const conditions = [
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
        { type: 'Available', status: ready === 1 ? 'True' : 'False' },
      ];
      await setStatus(plane, server, { observedGeneration: 1, ...counts, conditions });
      await world.agent.reaches('web', `is judged with ${ready} ready`, ({ health }) =>
        ready === 1 ? health === 'Healthy' : health === 'Progressing' || health === 'Degraded',
      );
    };
    const hourLong = { expiresAtMs: clock.nowMs() + hourMs };
    const web = hub.sign('web', [configMap('a'), deployment('server')], hourLong);
    await world.agent.give('web', web);
    await world.agent.give('api', hub.sign('api', [configMap('b')], hourLong));
    await world.agent.reaches('api', 'is done', isDone);
    await world.agent.reaches('web', 'is synced', ({ sync }) => sync === 'Synced');
    await judged(1);
    const firstSize = sizeOf(world.dataDir);
    for (let day = 1; day <= days; day += 1) {
      for (let leap = 0; leap < 4; leap += 1) clock.leap(6 * hourMs);
      if (day % 3 === 0) {
        await world.agent.stop();
        await (day % 2 === 0 ? disturb.edit(day) : disturb.remove());
        await world.restart({ withoutDisk: day % 9 === 0 });
      } else await (day % 2 === 0 ? disturb.edit(day) : disturb.remove());
      await until(`day ${day} is healed`, async () => JSON.stringify(await isHealed()) === '{"key":"value"}');
      // Another answer each day: after a leap a kind is heard of with its next event.
      await judged((day + 1) % 2);
      const { message } = await world.agent.reaches('web', 'is synced', ({ sync }) => sync === 'Synced');
      expect(message).toContain('the assignment expired at');
      // Also what a write leaves beside its file for a moment.
      const mostBytes = 1.1 * firstSize + historyBytes;
      await until(
        'the disk holds as much as at first, and a history',
        () => sizeOf(world.dataDir) < mostBytes,
      );
    }
    const { drift = [], generation } = world.agent.status('web') ?? {};
    expect(generation).toBe(1);
    expect(drift.length).toBeLessThanOrEqual(50);
    const secrets = { apiVersion: 'v1', kind: 'Secret', namespace: `${namespace}-state` };
    expect((await plane.kube.list(secrets, signal)).items).toHaveLength(2);
    expect(outbox.droppedEvents()).toBeGreaterThan(0);

    const dir = join(plane.dir, 'returning');
    mkdirSync(dir);
    await using back = await startReturningHub(dir);
    back.putCertificate(-hourMs);
    const snapshot = () =>
      world.agent.engine.applications().flatMap((application) => world.agent.status(application) ?? []);
    back.attach({ outbox, snapshot });
    await until('the ended certificate is named', () =>
      back.refusals.some((text) => text.includes('it ended at')),
    );
    expect(back.snapshots).toEqual([]);
    back.putCertificate(hourMs);
    await until('the hub knows everything', () => back.snapshots.length > 0);
    expect(back.snapshots[0]?.map(({ application, sync }) => [application, sync]).sort()).toEqual([
      ['api', 'Synced'],
      ['web', 'Synced'],
    ]);
    await until('the newest events came', () => back.events.length >= maxEvents);
    expect(back.events.length).toBeLessThanOrEqual(maxEvents + 1);
    expect((await world.agent.give('web', web)).decision).toBe('same');
    await world.agent.give('web', hub.sign('web', [configMap('a', { key: 'next' }), deployment('server')]));
    await until('the next assignment is told', () => back.statuses.some((status) => status.generation === 3));
    await until('it is applied', async () => JSON.stringify(await isHealed()) === '{"key":"next"}');
  });
});
