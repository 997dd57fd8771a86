import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kube } from '@meridian/kube';
import type { KubeObject } from '@meridian/manifests';
import { ensureParts, freePort, startControlPlane, startProcess, tempDir } from '@meridian/testkit';
import type { ControlPlane, RunningProcess, TempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHubRig } from './testing/hub-rig.ts';
import type { HubRig } from './testing/hub-rig.ts';
import { configMap, connectTestKube, until } from './testing/rig.ts';

const cluster = 'us-east-1';
const signal = new AbortController().signal;

let dir: TempDir;
let plane: ControlPlane;
let kube: Kube;
let hub: HubRig;
let agent: RunningProcess | undefined;
let environment: { readonly [name: string]: string };

beforeAll(async () => {
  await ensureParts(['etcd', 'kube-apiserver', 'nats-server']);
  dir = await tempDir('agent-main');
  plane = await startControlPlane({
    name: cluster,
    dir: join(dir.path, 'plane'),
    minimal: true,
    durable: false,
  });
  kube = await connectTestKube(plane.kubeconfig);
  hub = await startHubRig({ dir: dir.path, cluster, namespace: 'ml' });
  environment = {
    ...hub.environment,
    MERIDIAN_KUBECONFIG: plane.kubeconfig,
    MERIDIAN_DATA_DIR: join(dir.path, 'data'),
    MERIDIAN_METRICS_ADDRESS: `127.0.0.1:${await freePort()}`,
    MERIDIAN_LOG_LEVEL: 'debug',
  };
});

afterAll(async () => {
  await agent?.kill();
  await hub?.[Symbol.asyncDispose]();
  kube?.close();
  await plane?.stop();
  await dir?.[Symbol.asyncDispose]();
});

async function startAgent(): Promise<void> {
  agent = await startProcess({
    command: process.execPath,
    args: [new URL('main.ts', import.meta.url).pathname],
    env: environment,
    logFile: join(dir.path, 'agent.log'),
    ready: async () =>
      (await fetch(`http://${environment['MERIDIAN_METRICS_ADDRESS']}/readyz`).catch(() => undefined))?.ok ??
      false,
  });
}

async function publish(application: string, objects: readonly KubeObject[]): Promise<number> {
  const [generation = 0] = await hub.publish([{ application, objects }], 9);
  return generation;
}

const reports = (application: string, generation: number) =>
  until(
    () => `generation ${generation} is reported; last ${JSON.stringify(hub.latest.get(application))}`,
    () => {
      const status = hub.latest.get(application);
      return status?.generation === generation && status.sync === 'Synced' && status.health === 'Healthy'
        ? status
        : undefined;
    },
  );

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ml', name });

describe('the agent process', () => {
  it('takes assignments from the ledger and reports to the hub', async () => {
    await startAgent();
    const generation = await publish('web', [configMap('settings', { version: '1' })]);
    const status = await reports('web', generation);
    expect(status.cluster).toBe(cluster);
    expect((await kube.get(ref('settings'), signal))?.['data']).toEqual({ version: '1' });
    await reports('web', await publish('web', [configMap('settings', { version: '2' })]));
    expect((await kube.get(ref('settings'), signal))?.['data']).toEqual({ version: '2' });
  });

  it('measures its work', async () => {
    const text = await (await fetch(`http://${environment['MERIDIAN_METRICS_ADDRESS']}/metrics`)).text();
    expect(text).toContain('meridian_agent_out_of_sync{application="web"} 0');
    expect(text).toMatch(/meridian_agent_reconcile_seconds_count\{application="web"\} [1-9]/);
    expect(text).toMatch(/meridian_agent_source_age_seconds \d/);
    expect(text).toMatch(/meridian_agent_report_age_seconds \d/);
    expect(text).toContain('meridian_agent_frozen 0');
    expect(text).toContain('meridian_agent_altered_objects{application="web"} 0');
  });

  it('goes on where it was after SIGKILL', async () => {
    await agent?.kill();
    await kube.remove(ref('settings'), { signal });
    const generation = await publish('web', [configMap('settings', { version: '3' }), configMap('more')]);
    await startAgent();
    await reports('web', generation);
    expect(await kube.get(ref('settings'), signal)).toBeDefined();
    expect(await kube.get(ref('more'), signal)).toBeDefined();
  });

  it('heals drift after its own restart while hub and NATS are away, and catches up when NATS is back', async () => {
    await agent?.kill();
    await hub.nats.kill();
    await kube.patch(
      ref('settings'),
      { type: 'merge', patch: { data: { version: 'edited' } } },
      { fieldManager: 'kubectl-edit', signal },
    );
    await startAgent();
    await until('the edit is undone', async () => {
      const live = await kube.get(ref('settings'), signal);
      return (live?.['data'] as { version: string }).version === '3';
    });
    await hub.nats.start();
    await until('the hub can write again', () => hub.connection.connected());
    await reports('web', await publish('web', [configMap('settings', { version: '4' })]));
    expect(await kube.get(ref('more'), signal)).toBeUndefined();
  });

  it('goes on with a certificate that has ended, and reports everything once there is a new one, without a restart', async () => {
    await agent?.kill();
    hub.putCertificate(-3_600_000);
    hub.latest.clear();
    await kube.remove(ref('settings'), { signal });
    await startAgent();
    await until('what was deleted is made again', () => kube.get(ref('settings'), signal));
    const generation = await publish('web', [configMap('settings', { version: '5' })]);
    await until('a newer assignment is applied', async () => {
      const live = await kube.get(ref('settings'), signal);
      return (live?.['data'] as { version: string }).version === '5';
    });
    await until('the log names the end', () =>
      readFileSync(join(dir.path, 'agent.log'), 'utf8').includes('agent.pem: it ended at'),
    );
    expect(hub.latest.size).toBe(0);
    hub.putCertificate(3_600_000);
    await reports('web', generation);
    await until('the hub is told that it had ended', () =>
      hub.events.some(({ type, level }) => type === 'certificate.ended' && level === 'error'),
    );
  });

  it('stops cleanly on SIGTERM and logs no secret', async () => {
    await agent?.stop();
    expect(await agent?.ended).toMatch(/code 0|exit.*0/);
    const log = readFileSync(join(dir.path, 'agent.log'), 'utf8');
    expect(log).not.toContain('PRIVATE KEY');
    expect(log).not.toMatch(/\bSU[A-Z2-7]{56}\b/);
    expect(log).not.toContain(plane.token);
  });
});
