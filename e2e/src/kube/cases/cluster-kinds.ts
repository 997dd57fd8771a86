import type { ContractCase } from '../session.ts';

interface Made {
  readonly path: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly change: Readonly<Record<string, unknown>>;
}

const clientConfig = { url: 'https://hooks.example.com/a' };
const hook = {
  name: 'a.example.com',
  clientConfig,
  rules: [{ apiGroups: ['none.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothing'] }],
  failurePolicy: 'Ignore',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

const kinds: Readonly<Record<string, Made>> = {
  CSIDriver: {
    path: '/apis/storage.k8s.io/v1/csidrivers',
    object: { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', spec: { attachRequired: false } },
    change: { spec: { attachRequired: true } },
  },
  CSINode: {
    path: '/apis/storage.k8s.io/v1/csinodes',
    object: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', spec: { drivers: [] } },
    change: { spec: { drivers: [{ name: 'example.com', nodeID: 'a', topologyKeys: [] }] } },
  },
  VolumeAttachment: {
    path: '/apis/storage.k8s.io/v1/volumeattachments',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      spec: { attacher: 'example.com', nodeName: 'node-1', source: { persistentVolumeName: 'a' } },
    },
    change: { spec: { attacher: 'example.com', nodeName: 'node-2', source: { persistentVolumeName: 'a' } } },
  },
  ValidatingWebhookConfiguration: {
    path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    object: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      webhooks: [hook],
    },
    change: { webhooks: [{ ...hook, timeoutSeconds: 5 }] },
  },
  MutatingWebhookConfiguration: {
    path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    object: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      webhooks: [hook],
    },
    change: { webhooks: [{ ...hook, timeoutSeconds: 5 }] },
  },
};

/** Kinds of the cluster that clients must say the revision of when they replace one. */
export const clusterKindCases: readonly ContractCase[] = Object.entries(kinds).map(
  ([kind, { path, object, change }]): ContractCase => ({
    title: `cluster kind: ${kind} made, replaced with and without its revision`,
    async run(session) {
      const name = `sample-${session.namespace}`;
      const made = { ...object, metadata: { name } };
      await session.ask('PUT', `${path}/${name}`, made);
      const answer = await session.ask('POST', path, made);
      await session.ask('PUT', `${path}/${name}`, { ...made, ...change });
      await session.ask('PUT', `${path}/${name}`, { ...answer.body, ...change });
      await session.ask('DELETE', `${path}/${name}`);
    },
  }),
);
