import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { tempDir } from '@meridian/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimServer } from '../../cluster/sim-server.ts';
import type { SimServer } from '../../cluster/sim-server.ts';
import { itemsAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

// What the contract of API servers cannot show: policies are in force at once, and what controllers write is held to them.
const resources = new AsyncDisposableStack();
const errors: unknown[] = [];
let server: SimServer;

beforeAll(async () => {
  const dir = resources.use(await tempDir('policies'));
  const onError = (error: unknown) => void errors.push(error);
  server = resources.use(await startSimServer({ name: 'ruled', dir: dir.path, controllers: true, onError }));
});
afterEach(async () => {
  for (const plural of ['policybindings', 'policies']) {
    for (const kind of ['validating', 'mutating']) await ask('DELETE', `${group}/${kind}admission${plural}`);
  }
});
afterAll(() => resources.disposeAsync());

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

async function ask(
  method: string,
  path: string,
  body?: JsonObject,
): Promise<{ status: number; body: JsonObject }> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
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

async function govern(kind: 'Validating' | 'Mutating', resource: string, said: JsonObject): Promise<void> {
  const stem = `${group}/${kind.toLowerCase()}admissionpolic`;
  const metadata = { name: 'rule' };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: [resource] };
  const operations = kind === 'Mutating' ? ['CREATE', 'UPDATE'] : ['*'];
  const spec = { matchConstraints: { resourceRules: [{ ...rule, operations }] }, ...said };
  const binding = { policyName: 'rule', ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}) };
  const made = [
    await ask('POST', `${stem}ies`, { apiVersion, kind: `${kind}AdmissionPolicy`, metadata, spec }),
    await ask('POST', `${stem}ybindings`, {
      apiVersion,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata,
      spec: binding,
    }),
  ];
  expect(made.map(({ status }) => status)).toEqual([201, 201]);
}

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = await find();
    if (found !== undefined) return found;
    await wait(10);
  }
  throw new Error('it did not come to that');
}

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'web' }] },
    },
  },
});

describe('a policy', () => {
  it('is in force as soon as it is bound, and no longer than it is there', async () => {
    await govern('Validating', 'configmaps', { validations: [{ expression: 'false', message: 'closed' }] });
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } };
    expect((await ask('POST', maps, map)).status).toBe(422);
    await ask('DELETE', `${group}/validatingadmissionpolicies/rule`);
    expect((await ask('POST', maps, map)).status).toBe(201);
  });

  it('holds what controllers write to itself: the pods of a deployment are refused, and it says so', async () => {
    await govern('Validating', 'pods', {
      validations: [
        { expression: "request.operation == 'DELETE' || object.metadata.name == ''", message: 'no pods' },
      ],
    });
    await ask('POST', deployments, deployment('refused'));
    const failure = await until(async () => {
      const { body } = await ask('GET', `${deployments}/refused`);
      return itemsAt(body, 'status', 'conditions').find((one) => textAt(one, 'type') === 'ReplicaFailure');
    });
    expect(textAt(failure, 'message')).toContain(
      "is forbidden: ValidatingAdmissionPolicy 'rule' with binding 'rule' denied request: no pods",
    );
    await ask('DELETE', `${deployments}/refused`);
    errors.length = 0;
  });

  it('changes what controllers write: the pods of a deployment get their sidecar', async () => {
    const expression =
      'Object{spec: Object.spec{containers: [Object.spec.containers{name: "mesh", image: "mesh"}]}}';
    await govern('Mutating', 'pods', {
      reinvocationPolicy: 'IfNeeded',
      matchConditions: [{ name: 'new', expression: "request.operation == 'CREATE'" }],
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    });
    await ask('POST', deployments, deployment('meshed'));
    const pods = await until(async () => {
      const { body } = await ask('GET', '/api/v1/namespaces/default/pods?labelSelector=app%3Dmeshed');
      return itemsAt(body, 'items').length === 2 ? itemsAt(body, 'items') : undefined;
    });
    const names = pods.map((pod) =>
      itemsAt(pod, 'spec', 'containers')
        .map((one) => textAt(one, 'name'))
        .sort(),
    );
    expect(names).toEqual([
      ['mesh', 'web'],
      ['mesh', 'web'],
    ]);
    expect(errors).toEqual([]);
  });
});
