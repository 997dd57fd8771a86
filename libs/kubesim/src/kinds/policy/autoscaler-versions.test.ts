import { expect, it } from 'vitest';
import type { KubeObject } from '../../kube-object.ts';
import { autoscalerVersions } from './autoscaler-versions.ts';

const conversion = autoscalerVersions['autoscaling/v1'];
const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
};

function autoscaler(spec: object): KubeObject {
  const whole = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a' },
    spec,
  };
  return whole as unknown as KubeObject;
}

it('has the use of CPU as a field of the first version', () => {
  const first = conversion?.fromStorage(autoscaler({ maxReplicas: 3, metrics: [cpu] }));
  expect(first?.['spec']).toEqual({ maxReplicas: 3, targetCPUUtilizationPercentage: 60 });
  expect(first?.metadata.annotations).toBeUndefined();
});

it('carries everything else through the first version and back', () => {
  const queue = {
    type: 'Pods',
    pods: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '5' } },
  };
  const behavior = { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } };
  const first = conversion?.fromStorage(autoscaler({ maxReplicas: 3, metrics: [queue, cpu], behavior }));
  expect(first?.metadata.annotations).toEqual({
    'autoscaling.alpha.kubernetes.io/metrics':
      '[{"type":"Pods","pods":{"metricName":"queue","targetAverageValue":"5"}}]',
    'autoscaling.alpha.kubernetes.io/behavior': expect.stringContaining('"ScaleUp":null'),
  });
  const back = first === undefined ? undefined : conversion?.toStorage(first);
  expect(back?.['spec']).toEqual({ maxReplicas: 3, metrics: [queue, cpu], behavior });
  expect(back?.metadata.annotations).toBeUndefined();
});

it('follows the use of CPU unless the first version says what else', () => {
  const spec = conversion?.toStorage({ ...autoscaler({ maxReplicas: 3 }), apiVersion: 'autoscaling/v1' })[
    'spec'
  ];
  expect(spec).toMatchObject({ metrics: [{ resource: { target: { averageUtilization: 80 } } }] });
});
