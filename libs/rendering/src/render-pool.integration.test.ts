import { noCharts } from './chart-renderer.ts';
import { configMap, heavy } from './testing/heavy.ts';
import { fleetOf } from './testing/render-fleet.ts';
import { renderInRevision } from './render-in-revision.ts';
import { noPolicies } from '@meridian/policy';
import { afterEach, expect, test } from 'vitest';
import { RenderPool } from './render-pool.ts';
import type { RenderLimits } from './render-pool.ts';

const { signal } = new AbortController();
const pools: RenderPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

const poolOf = (limits: Partial<RenderLimits> = {}) => {
  const pool = new RenderPool({ threads: 2, timeLimitMs: 60_000, memoryMb: 512, ...limits });
  pools.push(pool);
  return pool;
};
const app = { 'kustomization.yaml': 'resources: [map.yaml]\n', 'map.yaml': configMap('one') };

test('a hub that renders nothing has no thread', () => {
  expect(poolOf().size).toBe(0);
});

test('a thread gives the same bundle as any other, and what was looked at with it', async () => {
  const fleet = fleetOf({ web: app });
  const [one, other] = await Promise.all(
    [poolOf(), poolOf()].map((pool) =>
      renderInRevision({ files: fleet.files, pool, charts: noCharts }, fleet.subject('web'), signal),
    ),
  );
  expect(one?.rendering).toMatchObject({ ok: true, bundle: { keys: ['/ConfigMap/ml/one'] } });
  expect(other).toEqual(one);
  expect([...(one?.reads ?? [])]).toContainEqual([
    'applications/web/map.yaml',
    expect.stringMatching(/^file /),
  ]);
});

test('no application waits for one that is slow', async () => {
  const fleet = fleetOf({ web: app, heavy });
  const pool = poolOf({ threads: 1 });
  const stop = new AbortController();
  const ended: string[] = [];
  const render = async (name: string, cluster: string) => {
    const found = await renderInRevision(
      { files: fleet.files, pool, charts: noCharts },
      fleet.subject(name, cluster),
      stop.signal,
    );
    ended.push(name);
    return found.rendering;
  };
  const slow = render('heavy', 'east');
  const quick = [render('web', 'east'), render('web', 'west')];
  expect(await Promise.all(quick)).toMatchObject([{ ok: true }, { ok: true }]);
  expect(ended).toEqual(['web', 'web']);
  stop.abort(new Error('seen enough'));
  await expect(slow).rejects.toThrow('seen enough');
});

test('an application that takes too long is refused with its place, and the next one has a thread again', async () => {
  const fleet = fleetOf({ heavy });
  const pool = poolOf({ threads: 1, timeLimitMs: 200 });
  const render = async (cluster: string) =>
    (
      await renderInRevision(
        { files: fleet.files, pool, charts: noCharts },
        fleet.subject('heavy', cluster),
        signal,
      )
    ).rendering;
  for (const cluster of ['east', 'west'])
    expect(await render(cluster)).toEqual({
      ok: false,
      isLimit: true,
      errors: [
        {
          file: 'applications/heavy',
          cluster,
          message: 'rendering heavy takes longer than 200 ms',
          fix: 'split the application, or raise MERIDIAN_RENDER_TIME_LIMIT_MS',
        },
      ],
    });
});

test('an application that takes too much memory is refused, and the next one has a thread again', async () => {
  const fleet = fleetOf({ web: app, heavy });
  const pool = poolOf({ threads: 1, memoryMb: 32 });
  const render = (name: string) =>
    renderInRevision({ files: fleet.files, pool, charts: noCharts }, fleet.subject(name), signal);
  expect((await render('heavy')).rendering).toMatchObject({
    ok: false,
    isLimit: true,
    errors: [{ message: 'rendering heavy takes more than 32 MB of memory', cluster: 'east' }],
  });
  expect((await render('web')).rendering).toMatchObject({ ok: true });
});

test('an application that meets a defect is refused with what and where, and the thread goes on', async () => {
  const fleet = fleetOf({ web: app });
  const source = { files: fleet.files, pool: poolOf({ threads: 1 }), charts: noCharts };
  const subject = fleet.subject('web');
  const broken = { ...subject.application, overlays: [7 as unknown as string] };
  const met = await renderInRevision(source, { ...subject, application: broken }, signal);
  expect(met).toMatchObject({ reads: undefined, rendering: { ok: false, isLimit: true } });
  expect(met.rendering).toMatchObject({
    errors: [
      {
        cluster: 'east',
        message: expect.stringMatching(
          /^rendering web met a defect of Meridian: TypeError at kustomize\/src\//,
        ),
      },
    ],
  });
  expect((await renderInRevision(source, subject, signal)).rendering).toMatchObject({ ok: true });
});

test('who calls off a rendering hears at once, and who renders after the end hears that the hub stops', async () => {
  const fleet = fleetOf({ web: app });
  const pool = poolOf();
  const stop = new AbortController();
  const called = renderInRevision(
    { files: fleet.files, pool, charts: noCharts },
    fleet.subject('web'),
    stop.signal,
  );
  stop.abort(new Error('not needed'));
  await expect(called).rejects.toThrow('not needed');
  const waiting = renderInRevision(
    { files: fleet.files, pool, charts: noCharts },
    fleet.subject('web'),
    signal,
  );
  const refused = expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await pool.close();
  await refused;
  await expect(
    pool.run(
      { files: fleet.files, charts: new Map(), policies: noPolicies, ...fleet.subject('web') },
      signal,
    ),
  ).rejects.toMatchObject({
    code: 'unavailable',
    message: 'the hub stops',
  });
});
