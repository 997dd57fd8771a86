import { parseFleetConfig } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { explainApplication, treeOf } from '../index.ts';

const fleet = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: plain }
spec: { stages: [{ name: all, clusters: {} }] }
---
apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: c1, labels: { region: eu } }
---
apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source:
    path: apps/web
    variables: true
    overrides:
      - clusters: { matchLabels: { region: us } }
        replicas: [{ name: web, count: 9 }]
      - clusters: { matchLabels: { region: eu } }
        replicas:
          - { name: web, count: 3 }
        patches:
          - patch: |
              apiVersion: apps/v1
              kind: Deployment
              metadata: { name: web, labels: { in: "\${cluster.labels.region}" } }
          - path: debug.yaml
  placement: {}
  namespace: ml
  rolloutStrategy: plain
`;
const tree = treeOf({
  'apps/web/kustomization.yaml': 'resources: [web.yaml]\n',
  'apps/web/web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 1\n',
  'apps/web/debug.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { paused: true }\n',
});

function explained(text: string, field: string) {
  const { config, declarations, problems } = parseFleetConfig([{ path: 'fleet/web.yaml', text }]);
  expect(problems).toEqual([]);
  const [application] = config.applications;
  const [cluster] = config.clusters;
  const declaration = declarations.get('web');
  if (!application || !cluster || !declaration) throw new Error('the document is whole');
  return explainApplication({ tree, application, cluster, declaration, object: 'deployment/web', field });
}

test('overrides and variables are told with their lines in the document', () => {
  expect(explained(fleet, '.spec.replicas')).toMatchObject({
    fields: [
      {
        history: [
          { value: 1, source: { file: 'apps/web/web.yaml', line: 5 } },
          {
            value: 3,
            source: {
              file: 'fleet/web.yaml',
              line: 22,
              field: 'spec.source.overrides[1].replicas[0]',
              by: 'ReplicaCountTransformer',
            },
          },
        ],
      },
    ],
  });
  expect(explained(fleet, '.metadata.labels.in')).toMatchObject({
    fields: [
      {
        history: [
          {
            value: '${cluster.labels.region}',
            source: { line: 24, field: 'spec.source.overrides[1].patches[0]' },
          },
          { value: 'eu', source: { file: 'fleet/web.yaml', line: 16, field: 'spec.source.variables' } },
        ],
      },
    ],
  });
  expect(explained(fleet, '.spec.paused')).toMatchObject({
    fields: [{ history: [{ source: { line: 28, written: { file: 'apps/web/debug.yaml', line: 4 } } }] }],
  });
});

test('errors of overrides are told with their lines, too', () => {
  expect(explained(fleet.replace('name: web, count: 3', 'name: w, count: 3'), '')).toMatchObject({
    errors: [{ file: 'fleet/web.yaml', line: 22, field: 'spec.source.overrides[1].replicas[0]' }],
  });
});
