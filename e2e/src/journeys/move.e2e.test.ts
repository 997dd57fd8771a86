import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { edit, Fleet, until } from '@meridian/testkit';
import { expect, inject, test } from 'vitest';
import { allHealthy, reached } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const regions = ['us-west-2', 'us-east-1', 'eu-west-1'];
const moved = ['configmap', 'ml-serving', 'moved'] as const;

/** Puts the object into the base of an application, or takes it out. */
function edited(dir: string, application: string, has: boolean): void {
  const base = join(dir, 'applications', application, 'base');
  const file = join(base, 'moved.yaml');
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: moved, namespace: ml-serving }\ndata: { a: "1" }\n';
  if (has) writeFileSync(file, text);
  else rmSync(file);
  const [from, to] = ['resources:\n', 'resources:\n  - moved.yaml\n'];
  edit(join(base, 'kustomization.yaml'), has ? from : to, has ? to : from);
}

/** How long each region of the slow rollout waits once it is healthy. */
const setSoak = (dir: string, from: string, to: string): void =>
  edit(join(dir, 'fleet/strategies.yaml'), new RegExp(`soak: ${from}`, 'g'), `soak: ${to}`);

async function seen(region: string): Promise<{ readonly uid: string; readonly owner: string } | undefined> {
  const metadata = (await fleet.object(region, ...moved))?.metadata;
  return metadata && { uid: metadata.uid ?? '', owner: metadata.labels?.['meridian.dev/application'] ?? '' };
}

test('a commit moves an object to an application that rolls out later, and no cluster deletes it', async () => {
  await allHealthy(fleet);
  const first = await fleet.push('monitoring: has one more', (dir) => edited(dir, 'monitoring', true));
  await reached(fleet, 'monitoring', first);
  const before = await Promise.all(regions.map(seen));
  for (const one of before) expect(one?.owner).toBe('monitoring');
  const second = await fleet.push('move it to the inference server', (dir) => {
    edited(dir, 'monitoring', false);
    edited(dir, 'inference-server', true);
    setSoak(dir, '0s', '4s');
  });
  await reached(fleet, 'monitoring', second);
  const told = await until('the last region to wait for the slow rollout', async () => {
    const { stdout } = await fleet.cli('app', 'monitoring', '-o', 'json');
    return stdout.includes('waits for application inference-server to take over') ? stdout : undefined;
  });
  expect(told).toContain('ConfigMap ml-serving/moved');
  await reached(fleet, 'inference-server', second);
  const after = await Promise.all(regions.map(seen));
  expect(after).toEqual(before.map((one) => ({ uid: one?.uid, owner: 'inference-server' })));
});

test('what was moved goes when its new application drops it', async () => {
  const third = await fleet.push('inference-server: drop it', (dir) => {
    edited(dir, 'inference-server', false);
    setSoak(dir, '4s', '0s');
  });
  await reached(fleet, 'inference-server', third);
  for (const region of regions) await until('it is gone', async () => (await seen(region)) === undefined);
});
