import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import { ClusterClient } from '../controllers/cluster-client.ts';
import { itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { isTrue } from './conditions.ts';
import { definitionsResource } from './names.ts';

const samples = join(import.meta.dirname, 'samples');
const read = (file: string) => load(readFileSync(join(samples, file), 'utf8')) as KubeObject;

function clusterWith(definition: KubeObject): ClusterClient {
  const { core } = createCluster({ tokens: {}, address: () => '', nowMs: () => 0 });
  const client = new ClusterClient(core, 'test');
  client.create(definitionsResource, definition);
  return client;
}

/** An object of each kind, and what has to be in it when it is stored. */
const objects: Readonly<Record<string, { readonly spec: JsonObject; readonly filled: JsonObject }>> = {
  'argo-rollout.yaml': {
    spec: {
      replicas: 2,
      template: { spec: { containers: [{ name: 'a' }] } },
      strategy: { canary: { maxSurge: '25%' } },
    },
    filled: {
      replicas: 2,
      template: { spec: { containers: [{ name: 'a' }] } },
      strategy: { canary: { maxSurge: '25%' } },
    },
  },
  'cert-manager-certificate.yaml': {
    spec: { secretName: 'tls', issuerRef: { name: 'ca' }, privateKey: { algorithm: 'ECDSA', size: 256 } },
    filled: { secretName: 'tls', issuerRef: { name: 'ca' }, privateKey: { algorithm: 'ECDSA', size: 256 } },
  },
  'jobset.yaml': {
    spec: {
      failurePolicy: {},
      replicatedJobs: [{ name: 'workers', template: { spec: { parallelism: 4 } } }],
    },
    filled: {
      failurePolicy: { maxRestarts: 0 },
      replicatedJobs: [{ name: 'workers', replicas: 1, template: { spec: { parallelism: 4 } } }],
    },
  },
  'keda-scaled-object.yaml': {
    spec: { scaleTargetRef: { name: 'web' }, triggers: [{ type: 'cron', metadata: { start: '0 8 * * *' } }] },
    filled: {
      scaleTargetRef: { name: 'web' },
      triggers: [{ type: 'cron', metadata: { start: '0 8 * * *' } }],
    },
  },
  'kserve-inference-service.yaml': {
    spec: {
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          resources: { limits: { 'nvidia.com/gpu': 1, memory: '16Gi' } },
          ports: [{ containerPort: 8080 }],
        },
      },
    },
    filled: {
      predictor: {
        model: {
          modelFormat: { name: 'huggingface' },
          name: '',
          resources: { limits: { 'nvidia.com/gpu': 1, memory: '16Gi' } },
          ports: [{ containerPort: 8080, protocol: 'TCP' }],
        },
      },
    },
  },
};

describe.each(readdirSync(samples))('the definition in %s', (file) => {
  const definition = read(file);
  const name = definition.metadata.name ?? '';
  const objectOf = (spec: JsonObject): KubeObject => ({
    apiVersion: `${textAt(definition, 'spec', 'group') ?? ''}/${textAt(itemsAt(definition, 'spec', 'versions')[0], 'name') ?? ''}`,
    kind: textAt(definition, 'spec', 'names', 'kind') ?? '',
    metadata: { name: 'sample', namespace: 'default' },
    spec,
  });

  test('is taken and its kind is served at once', () => {
    const client = clusterWith(definition);
    const stored = client.get({ resource: definitionsResource, namespace: '', name });
    expect(stored && isTrue(stored, 'Established')).toBe(true);
    expect(objectAt(stored, 'status', 'acceptedNames')).toEqual(objectAt(definition, 'spec', 'names'));
    expect(client.registry.findStored(name)?.shortNames).toEqual(
      itemsAt(definition, 'spec', 'names', 'shortNames'),
    );
  });

  test('types objects of its kind: with their defaults, and refused without what they need', () => {
    const client = clusterWith(definition);
    const { spec = {}, filled } = objects[file] ?? {};
    expect(client.create(name, objectOf(spec))['spec']).toEqual(filled);
    expect(() =>
      client.create(name, {
        ...objectOf({ replicas: 'many', triggers: 1, predictor: 1, replicatedJobs: 1, issuerRef: 1 }),
      }),
    ).toThrow('is invalid');
  });
});
