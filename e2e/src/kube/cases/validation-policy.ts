import { creating, setting, updating } from '../mutate.ts';
import type { Mutation } from '../mutate.ts';
import type { ContractCase } from '../session.ts';

const scaler = 'HorizontalPodAutoscaler';
const cpu = (target: object) => [{ type: 'Resource', resource: { name: 'cpu', target } }];
const policy = { type: 'Pods', value: 1, periodSeconds: 60 };
const limit = (more: object) => [{ type: 'Container', ...more }];

const onCreate: readonly Mutation[] = [
  setting(scaler, 'spec.minReplicas', 0),
  setting(scaler, 'spec.minReplicas', 11),
  setting(scaler, 'spec.maxReplicas', -1),
  setting(scaler, 'spec.scaleTargetRef', { apiVersion: 'apps/v1', kind: 'a/b', name: 'c/d' }),
  setting(scaler, 'spec.scaleTargetRef', { apiVersion: 'a/b/c', kind: 'Deployment', name: 'a' }),
  setting(scaler, 'spec.scaleTargetRef', { kind: 'Deployment', name: 'a' }),
  setting(scaler, 'spec.scaleTargetRef', { kind: 'ReplicationController', name: 'a' }),
  setting(scaler, 'spec.scaleTargetRef', { apiVersion: 'v1', kind: 'ReplicationController', name: 'a' }),
  setting(scaler, 'spec.metrics', cpu({ type: 'Utilization', averageUtilization: 0 })),
  setting(scaler, 'spec.metrics', cpu({ type: 'Utilization' })),
  setting(scaler, 'spec.metrics', cpu({ type: 'AverageValue', averageValue: '0' })),
  setting(scaler, 'spec.metrics', cpu({ type: 'AverageValue', averageValue: '500m', averageUtilization: 5 })),
  setting(scaler, 'spec.metrics', cpu({ type: 'Value', value: '1' })),
  setting(scaler, 'spec.metrics', cpu({ type: 'Much', averageUtilization: 5 })),
  setting(scaler, 'spec.metrics', cpu({})),
  setting(scaler, 'spec.metrics', [
    { type: 'Resource', resource: { name: '', target: { type: 'Utilization', averageUtilization: 5 } } },
  ]),
  setting(scaler, 'spec.metrics', [{ resource: { name: 'cpu' } }]),
  setting(scaler, 'spec.metrics', [
    {
      type: 'Pods',
      pods: { metric: { name: '' }, target: { type: 'AverageValue', averageValue: '5' } },
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } },
    },
  ]),
  setting(scaler, 'spec.metrics', [
    { type: 'Pods', pods: { metric: { name: 'a/b' }, target: { type: 'Value', value: '5' } } },
  ]),
  setting(scaler, 'spec.metrics', [
    { type: 'Object', object: { describedObject: {}, metric: { name: 'q' }, target: { type: 'Value' } } },
  ]),
  setting(scaler, 'spec.metrics', [
    {
      type: 'External',
      external: {
        metric: { name: 'q', selector: { matchLabels: { a: 'bad value!' } } },
        target: { type: 'AverageValue', averageValue: '-5' },
      },
    },
  ]),
  setting(scaler, 'spec.metrics', [
    { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '5', averageValue: '6' } } },
  ]),
  setting(scaler, 'spec.metrics', [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: '', target: { type: 'Utilization', averageUtilization: 5 } },
    },
  ]),
  setting(scaler, 'spec.behavior', { scaleDown: { stabilizationWindowSeconds: 3601 } }),
  setting(scaler, 'spec.behavior', { scaleUp: { stabilizationWindowSeconds: -1 } }),
  setting(scaler, 'spec.behavior', { scaleUp: { selectPolicy: 'Mean' } }),
  setting(scaler, 'spec.behavior', { scaleUp: { policies: [{ ...policy, type: 'Nodes' }] } }),
  setting(scaler, 'spec.behavior', { scaleUp: { policies: [{ ...policy, value: 0 }] } }),
  setting(scaler, 'spec.behavior', { scaleUp: { policies: [{ ...policy, periodSeconds: 0 }] } }),
  setting(scaler, 'spec.behavior', { scaleUp: { policies: [{ ...policy, periodSeconds: 1801 }] } }),
  setting(scaler, 'spec.behavior', { scaleUp: { selectPolicy: 'Disabled' }, scaleDown: { policies: [policy] } }),
  setting(scaler, 'spec.behavior', { scaleDown: { tolerance: '-1' } }),
  setting(scaler, 'spec.behavior', { scaleDown: { tolerance: '50m' } }),
  setting('PodDisruptionBudget', 'spec.minAvailable', 'half'),
  setting('PodDisruptionBudget', 'spec.selector', { matchLabels: { a: 'bad value!' } }),
  setting('PodDisruptionBudget', 'spec.selector', undefined),
  setting('PodDisruptionBudget', 'spec', {}),
  setting('PodDisruptionBudget', 'spec.unhealthyPodEvictionPolicy', 'Sometimes'),
  setting('PodDisruptionBudget', 'spec.unhealthyPodEvictionPolicy', 'AlwaysAllow'),
  setting('PodDisruptionBudget', 'spec', { maxUnavailable: '101%' }),
  setting('PodDisruptionBudget', 'spec', { maxUnavailable: -1 }),
  setting('ResourceQuota', 'spec.hard', { pods: '-1' }),
  setting('ResourceQuota', 'spec.hard', { pods: '1500m' }),
  setting('ResourceQuota', 'spec.hard', { 'requests.storage': '10Gi', 'count/pods': '5', services: '2' }),
  setting('ResourceQuota', 'spec.hard', { 'limits.cpu': 'lots' }),
  setting('ResourceQuota', 'spec.hard', { 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' }),
  setting('ResourceQuota', 'spec.hard', { 'bad key': '1' }),
  setting('ResourceQuota', 'spec.hard', { 'example.com/gpu': '1' }),
  setting('ResourceQuota', 'spec.hard', { 'requests.example.com/gpu': '1.5' }),
  setting('ResourceQuota', 'spec.scopes', ['Terminating', 'NotTerminating']),
  setting('ResourceQuota', 'spec.scopes', ['BestEffort']),
  setting('ResourceQuota', 'spec.scopes', ['Everything']),
  setting('ResourceQuota', 'spec', { hard: { pods: '1' }, scopes: ['BestEffort', 'BestEffort'] }),
  setting('ResourceQuota', 'spec', { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }),
  setting('ResourceQuota', 'spec', {
    hard: { pods: '1' },
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
  }),
  setting('ResourceQuota', 'spec', {
    hard: { pods: '1' },
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] },
  }),
  setting('ResourceQuota', 'spec', {
    hard: { pods: '1' },
    scopeSelector: { matchExpressions: [{ scopeName: 'BestEffort', operator: 'In', values: ['x'] }] },
  }),
  setting('ResourceQuota', 'spec', {
    hard: { pods: '1' },
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Like', values: ['x'] }] },
  }),
  setting('LimitRange', 'spec.limits', limit({ min: { cpu: '2' }, max: { cpu: '1' } })),
  setting('LimitRange', 'spec.limits', limit({ default: { cpu: '2' }, max: { cpu: '1' } })),
  setting('LimitRange', 'spec.limits', limit({ defaultRequest: { cpu: '2' }, default: { cpu: '1' } })),
  setting('LimitRange', 'spec.limits', limit({ defaultRequest: { cpu: '1' }, min: { cpu: '2' } })),
  setting('LimitRange', 'spec.limits', limit({ maxLimitRequestRatio: { cpu: '500m' } })),
  setting('LimitRange', 'spec.limits', limit({ maxLimitRequestRatio: { cpu: '10' }, min: { cpu: '1' }, max: { cpu: '2' } })),
  setting('LimitRange', 'spec.limits', limit({ max: { bogus: '1' } })),
  setting('LimitRange', 'spec.limits', [{ type: 'Pod', default: { cpu: '1' } }]),
  setting('LimitRange', 'spec.limits', [{ type: 'Pod', max: { cpu: '1' } }, { type: 'Pod', max: { cpu: '2' } }]),
  setting('LimitRange', 'spec.limits', [{ type: 'PersistentVolumeClaim' }]),
  setting('LimitRange', 'spec.limits', [{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } }]),
  setting('LimitRange', 'spec.limits', [{ type: 'Galaxy', max: { cpu: '1' } }]),
  setting('LimitRange', 'spec.limits', [{ type: 'example.com/Galaxy', max: { cpu: '1' } }]),
  setting('LimitRange', 'spec.limits', []),
  setting('PriorityClass', 'value', 1_000_000_001),
  setting('PriorityClass', 'metadata.name', 'system-mine'),
  setting('PriorityClass', 'metadata.name', 'Bad_Name'),
  setting('RuntimeClass', 'handler', ''),
  setting('RuntimeClass', 'handler', 'Bad_Handler'),
  setting('RuntimeClass', 'overhead', { podFixed: { cpu: '-1' } }),
  setting('RuntimeClass', 'overhead', { podFixed: { cpu: '100m', memory: '64Mi' } }),
  setting('RuntimeClass', 'scheduling', { nodeSelector: { 'bad key': 'x' } }),
  setting('RuntimeClass', 'scheduling', { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
  setting('RuntimeClass', 'scheduling', { tolerations: [{ key: 'a' }, { key: 'a' }] }),
  setting('Lease', 'spec.leaseTransitions', -1),
  setting('Lease', 'spec.leaseDurationSeconds', -1),
  setting('Lease', 'spec.holderIdentity', ''),
  setting('Lease', 'spec.strategy', 'OldestEmulationVersion'),
  setting('Lease', 'spec.preferredHolder', 'a'),
  setting('Lease', 'spec.renewTime', '2026-01-01T00:00:00.123456Z'),
  setting('Lease', 'spec.renewTime', 'yesterday'),
  setting('ControllerRevision', 'revision', -1),
  setting('ControllerRevision', 'data', undefined),
  setting('ControllerRevision', 'metadata.name', 'Bad_Name'),
];

const onUpdate: readonly Mutation[] = [
  setting(scaler, 'spec.minReplicas', 20),
  setting(scaler, 'spec.metrics', cpu({ type: 'Utilization', averageUtilization: 60 })),
  setting(scaler, 'spec.behavior', { scaleUp: { policies: [policy] } }),
  setting('PodDisruptionBudget', 'spec', { maxUnavailable: 1 }),
  setting('PodDisruptionBudget', 'metadata.resourceVersion', undefined),
  setting('ResourceQuota', 'spec.hard', { pods: '3' }),
  setting('ResourceQuota', 'spec.scopes', ['NotTerminating']),
  setting('LimitRange', 'spec.limits', limit({ max: { cpu: '8' } })),
  setting('PriorityClass', 'preemptionPolicy', 'Never'),
  setting('PriorityClass', 'description', 'other'),
  setting('RuntimeClass', 'metadata.resourceVersion', undefined),
  setting('Lease', 'spec.leaseTransitions', 3),
  setting('Lease', 'metadata.resourceVersion', undefined),
  setting('ControllerRevision', 'revision', 4),
  setting('ControllerRevision', 'revision', -1),
];

/** Bad and borderline policies, quotas, limits and classes, with the server's words for each. */
export const policyValidationCases: readonly ContractCase[] = [
  ...onCreate.map(creating),
  ...onUpdate.map(updating),
];
