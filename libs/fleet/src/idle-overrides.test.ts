import { expect, test } from 'vitest';
import { parseFleetConfig } from './fleet-config.ts';
import { idleOverrides } from './idle-overrides.ts';

const text = `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: eu-1, labels: { tier: prod, gpu: large } }
---
apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: dev-1, labels: { gpu: small } }
---
apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
---
apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source:
    path: apps/web
    overrides:
      - { clusters: { matchLabels: { gpu: large } }, replicas: [{ name: web, count: 1 }] }
      - { clusters: { matchLabels: { gpu: small } }, replicas: [{ name: web, count: 2 }] }
      - { clusters: {}, replicas: [{ name: web, count: 3 }] }
  placement: { matchLabels: { tier: prod } }
  namespace: shop
  rolloutStrategy: all
`;

test('an override that only fits clusters the application does not run in is warned of at its line', () => {
  const { config, declarations, problems } = parseFleetConfig([{ path: 'fleet/web.yaml', text }]);
  expect(problems).toEqual([]);
  const [application, declaration] = [config.applications[0]!, declarations.get('web')!];
  const warnings = idleOverrides(application, config.clusters, declaration);
  expect(warnings).toMatchObject([
    { file: 'fleet/web.yaml', line: 22, field: 'spec.source.overrides[1].clusters' },
  ]);
  const everywhere = { ...application, placement: {} };
  expect(idleOverrides(everywhere, config.clusters, declaration)).toEqual([]);
});
