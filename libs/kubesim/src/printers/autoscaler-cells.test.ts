import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { autoscalerCells } from './autoscaler-cells.ts';

function targets(metrics: Json[], currentMetrics: Json[] = []): Json | undefined {
  const object = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: {} };
  return autoscalerCells['Targets']?.({ ...object, spec: { metrics }, status: { currentMetrics } }, 0);
}

const cpu: JsonObject = { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } };

describe('the targets of an autoscaler', () => {
  it.each<[string, string, JsonObject, JsonObject]>([
    [
      'cpu: 40%/80%',
      'Resource',
      { name: 'cpu', target: { averageUtilization: 80 } },
      { averageUtilization: 40 },
    ],
    ['cpu: 40%/<auto>', 'Resource', { name: 'cpu', target: {} }, { averageUtilization: 40 }],
    [
      'cpu: 5%/70%',
      'ContainerResource',
      { name: 'cpu', target: { averageUtilization: 70 } },
      { averageUtilization: 5 },
    ],
    [
      'memory: 1Gi/2Gi',
      'Resource',
      { name: 'memory', target: { averageValue: '2Gi' } },
      { averageValue: '1Gi' },
    ],
    ['3/5', 'Pods', { target: { averageValue: '5' } }, { averageValue: '3' }],
    ['3/5', 'Object', { target: { value: '5' } }, { value: '3' }],
    ['3/5 (avg)', 'Object', { target: { averageValue: '5' } }, { averageValue: '3' }],
    ['3/5 (avg)', 'External', { target: { averageValue: '5' } }, { averageValue: '3' }],
    ['3/5', 'External', { target: { value: '5' } }, { value: '3' }],
  ])('are %s for %s', (shown, type, source, current) => {
    const field = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
    expect(targets([{ type, [field]: source }], [{ type, [field]: { current } }])).toBe(shown);
    const wanted = shown.slice(shown.indexOf('/'));
    expect(targets([{ type, [field]: source }])).toMatch(/^(\w+: )?<unknown>\//);
    expect(targets([{ type, [field]: source }])).toContain(wanted);
  });

  it('are two at most', () => {
    expect(targets([])).toBe('<none>');
    expect(targets([cpu, { type: 'Moon' }])).toBe('cpu: <unknown>/80%, <unknown type>');
    expect(targets([cpu, cpu, cpu, cpu])).toBe('cpu: <unknown>/80%, cpu: <unknown>/80% + 2 more...');
  });
});
