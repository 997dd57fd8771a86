import { expect, it } from 'vitest';
import { checkCharts, helmOf, hubHelms } from './charts-check.ts';
import type { ChartsState } from './chart-desk.ts';

const ready: ChartsState = {
  kind: 'ready',
  version: 'v4.1.0',
  jail: { files: true, network: true, memory: true },
};
const missing: ChartsState = { kind: 'missing', program: 'helm' };

it('shows the version of helm and what its jail holds', () => {
  expect(checkCharts(ready, [helmOf('hub-1', ready)])).toEqual({
    name: 'charts',
    ok: true,
    message: 'helm v4.1.0 renders charts, without network, without other files, within its memory',
  });
  const loose = { ...ready, jail: { files: false, network: false, memory: false } };
  expect(checkCharts(loose, []).message).toContain('in no jail but limits of time and output');
});

it('has nothing against a fleet without helm', () => {
  expect(checkCharts(missing, [helmOf('hub-1', missing), helmOf('hub-2', missing)])).toMatchObject({
    ok: true,
    message: expect.stringContaining('refused'),
  });
});

it('finds hubs with different helms, or with none', () => {
  const other: ChartsState = { ...ready, version: 'v3.18.0' };
  const hubs = [helmOf('hub-2', other), helmOf('hub-1', ready), helmOf('hub-3', missing)];
  expect(checkCharts(ready, hubs)).toEqual({
    name: 'charts',
    ok: false,
    message: 'hubs have different helms: hub-1 v4.1.0, hub-2 v3.18.0, hub-3 none',
    fix: expect.stringContaining('the same helm'),
  });
});

it('finds a helm that does not run', () => {
  const broken: ChartsState = { kind: 'broken', program: '/opt/helm', message: 'no such file' };
  expect(checkCharts(broken, [])).toMatchObject({ ok: false, fix: expect.stringContaining('/opt/helm') });
});

it('passes over answers that it cannot read', () => {
  expect(hubHelms([{ hub: 'hub-1', helm: 'v4.1.0' }, 7, { hub: 1 }, undefined])).toEqual([
    { hub: 'hub-1', helm: 'v4.1.0' },
  ]);
});
