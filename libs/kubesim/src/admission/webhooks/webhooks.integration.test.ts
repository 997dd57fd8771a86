import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { certificateAuthority, tempDir } from '@meridian/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimServer } from '../../cluster/sim-server.ts';
import type { SimServer } from '../../cluster/sim-server.ts';
import type { JsonObject } from '../../json.ts';
import { itemsAt, objectAt, textAt } from '../../json.ts';

// What the contract of API servers cannot show: writes that meet each other while a webhook is awaited, what controllers
// write, and services that are really somewhere.
const resources = new AsyncDisposableStack();
const authority = certificateAuthority('hooks');
const errors: unknown[] = [];
let server: SimServer;
let port = 0;
let answer: (request: JsonObject) => JsonObject | Promise<JsonObject> = () => ({ allowed: true });
let asked: JsonObject[] = [];

beforeAll(async () => {
  const own = authority.issue({
    commonName: 'hook',
    dnsNames: ['hook.team.svc'],
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  });
  const hooks = createServer({ cert: own.certificatePem, key: own.keyPem }, (reviewed, response) => {
    void (async () => {
      const review = (await json(reviewed)) as JsonObject;
      const sent = objectAt(review, 'request') ?? {};
      asked.push(sent);
      const uid = textAt(sent, 'uid') ?? '';
      response.end(JSON.stringify({ ...review, response: { uid, ...(await answer(sent)) } }));
    })();
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  port = (hooks.address() as AddressInfo).port;
  resources.defer(() => void hooks.close());
  const dir = resources.use(await tempDir('webhooks'));
  const onError = (error: unknown) => void errors.push(error);
  server = resources.use(await startSimServer({ name: 'hooked', dir: dir.path, controllers: true, onError }));
});

afterEach(async () => {
  for (const kind of ['mutating', 'validating']) await ask('DELETE', `${group}/${kind}webhookconfigurations`);
  answer = () => ({ allowed: true });
  asked = [];
  server.cluster.services.clear();
});
afterAll(() => resources.disposeAsync());

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';
const map = (name: string, data: JsonObject = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

async function ask(
  method: string,
  path: string,
  body?: JsonObject,
): Promise<{ status: number; body: JsonObject }> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': type };
  return new Promise((resolve, reject) => {
    const options = { method, headers, ca: server.caPem, agent: false };
    request(new URL(path, server.url), options, (response) => {
      json(response).then(
        (read) => resolve({ status: response.statusCode ?? 0, body: read as JsonObject }),
        reject,
      );
    })
      .once('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function configure(
  kind: 'Mutating' | 'Validating',
  resource: string,
  client?: JsonObject,
): Promise<void> {
  const caBundle = Buffer.from(authority.certificatePem).toString('base64');
  const { status } = await ask('POST', `${group}/${kind.toLowerCase()}webhookconfigurations`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: 'hooks' },
    webhooks: [
      {
        name: 'hook.example.com',
        clientConfig: { caBundle, ...(client ?? { url: `https://127.0.0.1:${String(port)}` }) },
        rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: [resource] }],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 5,
      },
    ],
  });
  expect(status).toBe(201);
}

const patched = (...operations: JsonObject[]): JsonObject => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = await find();
    if (found !== undefined) return found;
    await wait(10);
  }
  throw new Error('it did not come to that');
}

describe('a write that waits for a webhook', () => {
  it('begins again with what is there when the object was changed meanwhile', async () => {
    await ask('POST', maps, map('busy'));
    await configure('Mutating', 'configmaps');
    let interrupted = false;
    answer = async () => {
      if (!interrupted) {
        interrupted = true;
        const changed = await ask('PATCH', `${maps}/busy`, { data: { b: '2' } });
        expect(changed.status).toBe(200);
      }
      return { allowed: true };
    };
    const { status } = await ask('PATCH', `${maps}/busy`, { data: { a: '1' } });
    expect(status).toBe(200);
    expect((await ask('GET', `${maps}/busy`)).body['data']).toEqual({ a: '1', b: '2' });
    expect(asked.length).toBe(3);
  });

  it('is refused when another created the object meanwhile', async () => {
    await configure('Validating', 'configmaps');
    let first = true;
    answer = async () => {
      if (first) {
        first = false;
        expect((await ask('POST', maps, map('race', { by: 'other' }))).status).toBe(201);
      }
      return { allowed: true };
    };
    expect((await ask('POST', maps, map('race', { by: 'one' }))).status).toBe(409);
    expect((await ask('GET', `${maps}/race`)).body['data']).toEqual({ by: 'other' });
  });

  it('does not keep other writes waiting', async () => {
    await configure('Validating', 'configmaps');
    let release = () => undefined as void;
    answer = async () => {
      await new Promise<void>((resolve) => (release = resolve));
      return { allowed: true };
    };
    const slow = ask('POST', maps, map('slow'));
    await until(async () => (asked.length > 0 ? true : undefined));
    expect((await ask('POST', '/api/v1/namespaces', { metadata: { name: 'quick' } })).status).toBe(201);
    release();
    expect((await slow).status).toBe(201);
  });
});

describe('what controllers write', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web' }] },
      },
    },
  };
  const pods = '/api/v1/namespaces/default/pods?labelSelector=app%3Dweb';
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const containers = async (count: number) => {
    const items = itemsAt((await ask('GET', pods)).body, 'items');
    if (items.length !== count) return undefined;
    return items.map((pod) => itemsAt(pod, 'spec', 'containers').map((one) => textAt(one, 'name')));
  };
  const cleanUp = async () => {
    await ask('DELETE', `${deployments}/web`);
    await until(async () =>
      itemsAt((await ask('GET', pods)).body, 'items').length === 0 ? true : undefined,
    );
  };

  it('goes through webhooks too: pods of a deployment get their sidecar', async () => {
    await configure('Mutating', 'pods');
    answer = ({ operation }) =>
      operation === 'CREATE'
        ? patched({ op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image: 'proxy' } })
        : { allowed: true };
    await ask('POST', deployments, deployment);
    expect(await until(() => containers(3))).toEqual([1, 2, 3].map(() => ['web', 'proxy']));
    expect(
      asked.some((request) => textAt(request, 'userInfo', 'username') === 'system:kube-controller-manager'),
    ).toBe(true);
    await cleanUp();
    expect(errors).toEqual([]);
  });

  it('is told of as failed when a webhook denies it', async () => {
    await configure('Validating', 'pods');
    answer = ({ operation }) =>
      operation === 'CREATE' ? { allowed: false, status: { message: 'no pods today' } } : { allowed: true };
    await ask('POST', deployments, deployment);
    const failure = await until(async () => {
      const { body } = await ask('GET', `${deployments}/web`);
      return itemsAt(body, 'status', 'conditions').find((one) => textAt(one, 'type') === 'ReplicaFailure');
    });
    expect(textAt(failure, 'message')).toBe(
      'admission webhook "hook.example.com" denied the request: no pods today',
    );
    await cleanUp();
    errors.length = 0;
  });

  it('meets mutations that were asked for', async () => {
    const sidecar = { name: 'mesh', image: 'mesh' };
    using _ = server.faults.add({ fault: { kind: 'mutate', webhook: 'mesh', sidecar, delayMs: 20 } });
    await ask('POST', deployments, deployment);
    expect(await until(() => containers(3))).toEqual([1, 2, 3].map(() => ['web', 'mesh']));
    await cleanUp();
    expect(errors).toEqual([]);
  });
});

describe('a webhook behind a service', () => {
  const service = { namespace: 'team', name: 'hook', port: 8443, path: '/x' };

  it('is called where the service is said to be, by the certificate of the service', async () => {
    await configure('Validating', 'configmaps', { service });
    const refused = await ask('POST', maps, map('served'));
    expect(refused.body['message']).toContain('service "hook" not found');
    server.cluster.services.set('team/hook:8443', `127.0.0.1:${String(port)}`);
    expect((await ask('POST', maps, map('served'))).status).toBe(201);
    expect(asked).toHaveLength(1);
  });
});
