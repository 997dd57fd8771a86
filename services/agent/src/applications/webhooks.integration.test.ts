import { expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { startWebhook } from '../testing/webhook.ts';
import { inside, isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('webhooks');

/** Waits until the API server asks the webhook. */
async function isAsked(world: World, asked: readonly string[]): Promise<void> {
  let count = 0;
  await until('the webhook is asked', async () => {
    count += 1;
    await plane.kube.create(inside(configMap(`probe-${count}`), world), { fieldManager: 'test', signal });
    return asked.includes(`probe-${count}`);
  });
}

const later = (retryAfterSeconds: number) => ({
  allowed: false,
  status: { code: 429, reason: 'TooManyRequests', message: 'one a minute', details: { retryAfterSeconds } },
});

it('a webhook that puts one object off holds up no other, and is asked again when the time that it wants has passed', async () => {
  await using world = await startWorld(plane);
  await makeNamespace(plane, world);
  const at: { says: ReturnType<typeof later> | undefined } = { says: later(2) };
  await using hook = await startWebhook(plane, world, (name) => (name === 'b' ? at.says : undefined));
  await isAsked(world, hook.asked);
  const startedAt = performance.now();
  const bring = async (version: string) => {
    const objects = ['a', 'b', 'c'].map((name) => configMap(name, { version }));
    await world.agent.give('web', world.hub.sign('web', objects));
    await until(`a and c are at ${version}`, async () => {
      const live = await Promise.all(['a', 'c'].map((name) => world.live('ConfigMap', name)));
      return live.every((object) => JSON.stringify(object?.['data']) === JSON.stringify({ version }));
    });
  };
  const times = () => hook.asked.filter((name) => name === 'b').length;
  await bring('1');
  const failed = await world.agent.reaches('web', 'says so', ({ sync }) => sync === 'Failed');
  expect(failed.message).toContain(`ConfigMap ${world.namespace}/b`);
  expect(failed.message).toContain('admission webhook "hook.example.com" denied the request: one a minute');
  await until('it is asked again', () => times() >= 2);
  expect(times(), 'once in two seconds at most').toBeLessThanOrEqual(
    (performance.now() - startedAt) / 2_000 + 1,
  );
  at.says = undefined;
  await world.agent.reaches('web', 'is done', isDone);
  // Longer than any test waits: whatever else were held back by it would not come.
  at.says = later(300);
  const before = times();
  await bring('2');
  await until('it is put off', () => times() > before);
  await bring('3');
  expect(times()).toBe(before + 1);
  expect((await world.live('ConfigMap', 'b'))?.['data']).toEqual({ version: '1' });
});

it('a webhook that changes a value of git is told with object, field and both values', async () => {
  await using world = await startWorld(plane);
  await makeNamespace(plane, world);
  const patch = Buffer.from('[{"op":"replace","path":"/data/key","value":"theirs"}]').toString('base64');
  await using hook = await startWebhook(plane, world, (name) =>
    name === 'a' ? { allowed: true, patchType: 'JSONPatch', patch } : undefined,
  );
  await isAsked(world, hook.asked);
  await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'ours' }), configMap('b')]));
  const { message, drift } = await world.agent.reaches('web', 'is done', isDone);
  expect(message).toContain(
    `admission changes ConfigMap ${world.namespace}/a when it is written: data.key is "theirs" (git: "ours")`,
  );
  expect(drift.map(({ key, manager }) => [key.name, manager])).toEqual([['a', 'admission']]);
  expect(hook.asked.filter((name) => name === 'a')).toHaveLength(1);
});
