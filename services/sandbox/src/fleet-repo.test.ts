import { expect, test } from 'vitest';
import { clustersFile } from './fleet-repo.ts';

const example = `# Three regions.
apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata:
  name: us-east-1
  labels:
    region: us-east-1
    gpu: h100
---
apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: us-west-2, labels: { region: us-west-2 } }
`;

test('the example keeps its own documents, and clusters it does not know get one like them', () => {
  const text = clustersFile(example, [
    { name: 'us-west-2', region: 'us-west-2' },
    { name: 'kind-ml', region: 'eu' },
  ]);
  expect(text).toBe(`apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: us-west-2, labels: { region: us-west-2 } }
---
apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata:
  name: kind-ml
  labels:
    region: "eu"
    tier: prod
`);
});

test('comments and labels of a kept document stay', () => {
  expect(clustersFile(example, [{ name: 'us-east-1', region: 'us-east-1' }])).toContain('# Three regions.');
  expect(clustersFile(example, [{ name: 'us-east-1', region: 'us-east-1' }])).toContain('gpu: h100');
});
