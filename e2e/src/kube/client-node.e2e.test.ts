import { setTimeout as wait } from 'node:timers/promises';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { startSimServer } from '@meridian/kubesim';
import { startControlPlane, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The official client for JavaScript must work with kubesim as it does with a real API server.
describe.each(['real', 'simulated'] as const)('the official client on a %s API server', (kind) => {
  const resources = new AsyncDisposableStack();
  const config = new KubeConfig();

  beforeAll(async () => {
    const dir = resources.use(await tempDir(`client-node-${kind}`)).path;
    const server =
      kind === 'real'
        ? await startControlPlane({ name: 'c', dir, durable: false, minimal: true })
        : await startSimServer({ name: 'c', dir });
    config.loadFromFile(resources.use(server).kubeconfig);
  });
  afterAll(() => resources.disposeAsync());

  it('creates, reads, replaces, patches and deletes typed objects', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const body: V1ConfigMap = { metadata: { name: 'settings' }, data: { model: 'llama' } };
    const made = await core.createNamespacedConfigMap({ namespace: 'default', body });
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const read = await core.readNamespacedConfigMap({ namespace: 'default', name: 'settings' });
    await core.replaceNamespacedConfigMap({
      ...{ namespace: 'default', name: 'settings' },
      body: { ...read, data: { model: 'mistral' } },
    });
    await expect(
      core.replaceNamespacedConfigMap({ namespace: 'default', name: 'settings', body: read }),
    ).rejects.toMatchObject({ code: 409 });
    const patched = await core.patchNamespacedConfigMap(
      { namespace: 'default', name: 'settings', body: { data: { size: '7b' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.data).toEqual({ model: 'mistral', size: '7b' });
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'settings' });
    await expect(
      core.readNamespacedConfigMap({ namespace: 'default', name: 'settings' }),
    ).rejects.toMatchObject({ code: 404 });
  });

  it('applies as a field manager, scales and reads pages', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const applied = await apps.patchNamespacedDeployment(
      { namespace: 'default', name: 'web', body: deployment, fieldManager: 'client', force: true },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    );
    expect(applied.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['client', 'Apply'],
    ]);
    const scale = await apps.readNamespacedDeploymentScale({ namespace: 'default', name: 'web' });
    expect(scale.spec?.replicas).toBe(2);
    const core = config.makeApiClient(CoreV1Api);
    const first = await core.listNamespace({ limit: 2 });
    const rest = await core.listNamespace({ _continue: first.metadata?._continue ?? '' });
    expect(first.items).toHaveLength(2);
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata?.name)).toContain('kube-system');
  });

  it('works with objects of kinds that it finds by discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    };
    await objects.create(budget);
    const read = await objects.read(budget);
    expect(read.metadata?.generation).toBe(1);
    await objects.delete(budget);
  });

  it('keeps an informer current', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const informer = makeInformer(config, '/api/v1/namespaces/kube-public/configmaps', () =>
      core.listNamespacedConfigMap({ namespace: 'kube-public' }),
    );
    const events: string[] = [];
    for (const event of ['add', 'update', 'delete'] as const) {
      informer.on(event, ({ metadata }) => events.push(`${event} ${metadata?.name ?? ''}`));
    }
    await informer.start();
    const body = { metadata: { name: 'watched' }, data: { step: '1' } };
    await core.createNamespacedConfigMap({ namespace: 'kube-public', body });
    await seen(events, 'add watched');
    await core.replaceNamespacedConfigMap({
      ...{ namespace: 'kube-public', name: 'watched' },
      body: { ...body, data: { step: '2' } },
    });
    await seen(events, 'update watched');
    await core.deleteNamespacedConfigMap({ namespace: 'kube-public', name: 'watched' });
    await seen(events, 'delete watched');
    await informer.stop();
  });
});

const deployment: V1Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
    },
  },
};

async function seen(events: readonly string[], wanted: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!events.includes(wanted)) {
    if (performance.now() > giveUpAt) throw new Error(`"${wanted}" never came, only ${events.join(', ')}`);
    await wait(10);
  }
}
