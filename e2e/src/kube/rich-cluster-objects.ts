import type { Sample } from './objects.ts';

/** Cluster-scoped ones carry the namespace of the case in their name; those in a namespace are named `rich`. */
const rich = (kind: string, apiVersion: string, resource: string, rest: object): Sample => {
  const isNamespaced = resource.startsWith('resourceclaim');
  return {
    kind,
    path: `/apis/${apiVersion}${isNamespaced ? '/namespaces/{ns}' : ''}/${resource}`,
    make: (namespace) =>
      structuredClone({
        apiVersion,
        kind,
        metadata: { name: isNamespaced ? 'rich' : `rich-${namespace}` },
        ...rest,
      }),
  };
};

const admission = 'admissionregistration.k8s.io/v1';

/** Nobody makes what it is about, so that it is never called. */
const hook = {
  name: 'a.hooks.example.com',
  rules: [
    {
      apiGroups: ['none.example.com'],
      apiVersions: ['v1', 'v1beta1'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['models', 'models/status'],
      scope: 'Namespaced',
    },
  ],
  failurePolicy: 'Ignore',
  matchPolicy: 'Exact',
  sideEffects: 'NoneOnDryRun',
  timeoutSeconds: 5,
  admissionReviewVersions: ['v1', 'v1beta1'],
  namespaceSelector: { matchLabels: { team: 'serving' } },
  objectSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['inference'] }] },
  matchConditions: [
    { name: 'not-agents', expression: "!('agents' in request.userInfo.groups)" },
    { name: 'named', expression: 'has(object.metadata.name)' },
  ],
};

const hooks = [
  { ...hook, clientConfig: { url: 'https://hooks.example.com/models' } },
  {
    ...hook,
    name: 'b.hooks.example.com',
    clientConfig: { service: { namespace: 'hooks', name: 'models', path: '/v1/check', port: 8443 } },
  },
];

const claim = {
  devices: {
    requests: [
      {
        name: 'gpu',
        exactly: {
          deviceClassName: 'gpu.example.com',
          allocationMode: 'ExactCount',
          count: 2,
          selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }],
          tolerations: [{ key: 'example.com/unhealthy', operator: 'Exists', effect: 'NoExecute' }],
        },
      },
      {
        name: 'link',
        firstAvailable: [
          { name: 'fast', deviceClassName: 'nvlink.example.com', allocationMode: 'All' },
          { name: 'slow', deviceClassName: 'pcie.example.com', count: 1 },
        ],
      },
    ],
    constraints: [{ requests: ['gpu', 'link/fast'], matchAttribute: 'gpu.example.com/numa' }],
    config: [{ requests: ['gpu'], opaque: { driver: 'gpu.example.com', parameters: { sharing: 'none' } } }],
  },
};

/** Good objects with many fields of kinds of the cluster and of devices. */
export const richClusterObjects: readonly Sample[] = [
  rich('ValidatingWebhookConfiguration', admission, 'validatingwebhookconfigurations', { webhooks: hooks }),
  rich('MutatingWebhookConfiguration', admission, 'mutatingwebhookconfigurations', {
    webhooks: hooks.map((one) => ({ ...one, reinvocationPolicy: 'IfNeeded' })),
  }),
  rich('CSIDriver', 'storage.k8s.io/v1', 'csidrivers', {
    spec: {
      attachRequired: true,
      podInfoOnMount: true,
      fsGroupPolicy: 'File',
      tokenRequests: [{ audience: 'a', expirationSeconds: 3600 }, { audience: '' }],
      volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      nodeAllocatableUpdatePeriodSeconds: 60,
    },
  }),
  rich('FlowSchema', 'flowcontrol.apiserver.k8s.io/v1', 'flowschemas', {
    spec: {
      matchingPrecedence: 800,
      distinguisherMethod: { type: 'ByUser' },
      priorityLevelConfiguration: { name: 'workload-low' },
      rules: [
        {
          subjects: [
            { kind: 'User', user: { name: 'nobody' } },
            { kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'none' } },
            { kind: 'Group', group: { name: 'nobodies' } },
          ],
          resourceRules: [
            { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'], namespaces: ['models'] },
          ],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/models', '/models/*'] }],
        },
      ],
    },
  }),
  rich('PriorityLevelConfiguration', 'flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations', {
    spec: {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 1,
        lendablePercent: 50,
        borrowingLimitPercent: 10,
        limitResponse: { type: 'Queue', queuing: { queues: 16, handSize: 4, queueLengthLimit: 10 } },
      },
    },
  }),
  rich('DeviceClass', 'resource.k8s.io/v1', 'deviceclasses', {
    spec: {
      selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }],
      config: [{ opaque: { driver: 'gpu.example.com', parameters: { sharing: 'none' } } }],
      extendedResourceName: 'example.com/gpu',
    },
  }),
  rich('ResourceClaim', 'resource.k8s.io/v1', 'resourceclaims', { spec: claim }),
  rich('ResourceClaimTemplate', 'resource.k8s.io/v1', 'resourceclaimtemplates', {
    spec: { metadata: { labels: { app: 'inference' } }, spec: claim },
  }),
];
