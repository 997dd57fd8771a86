import { expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { missingMetrics } from './missing-metrics.ts';

function of(...metrics: JsonObject[]) {
  return missingMetrics({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a', namespace: 'ml' },
    spec: { metrics },
  });
}

const average = { type: 'AverageValue', averageValue: '8' };
const noResources =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const noCustoms =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

it('names the metric of pods that is missed', () => {
  const [found] = of({ type: 'Pods', pods: { metric: { name: 'depth' }, target: average } });
  expect(found).toEqual({
    reason: 'FailedGetPodsMetric',
    message: `unable to get metric depth: ${noCustoms}`,
    summed: `failed to get pods metric value: unable to get metric depth: ${noCustoms}`,
  });
});

it('tells the use of a resource from its share', () => {
  const usage = of({ type: 'Resource', resource: { name: 'memory', target: average } });
  const share = of({ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c' } });
  const memory = `failed to get memory usage: unable to get metrics for resource memory: ${noResources}`;
  const cpu = `failed to get cpu utilization: unable to get metrics for resource cpu: ${noResources}`;
  expect([...usage, ...share]).toEqual([
    {
      reason: 'FailedGetResourceMetric',
      message: memory,
      summed: `failed to get memory resource metric value: ${memory}`,
    },
    {
      reason: 'FailedGetContainerResourceMetric',
      message: cpu,
      summed: `failed to get c container metric value: ${cpu}`,
    },
  ]);
});

it('says of which object and with which labels a metric was asked for', () => {
  const describedObject = { apiVersion: 'v1', kind: 'Service', name: 's' };
  const [object] = of({
    type: 'Object',
    object: { describedObject, metric: { name: 'hits' }, target: average },
  });
  const metric = { name: 'lag', selector: { matchLabels: { a: 'b' } } };
  const [external] = of({ type: 'External', external: { metric, target: { type: 'Value', value: '8' } } });
  expect(object?.summed).toBe(
    `failed to get object metric value: failed to get hits object metric: unable to get metric hits: Service on ml s/${noCustoms}`,
  );
  expect(external?.message).toBe(
    'unable to get external metric ml/lag/&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:' +
      '[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the ' +
      'requested resource (get lag.external.metrics.k8s.io)',
  );
});
