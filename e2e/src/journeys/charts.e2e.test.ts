import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fleet, until } from '@meridian/testkit';
import { expect, inject, test } from 'vitest';
import { allHealthy, reached } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const application = 'model-cache';

const files = {
  'fleet/applications/model-cache.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: model-cache }
spec:
  source:
    path: applications/model-cache
    helm: { chart: chart, valuesFiles: ['values/{cluster.name}.yaml'] }
  placement: {}
  namespace: ml-serving
  rolloutStrategy: by-region
`,
  'applications/model-cache/chart/Chart.yaml': 'apiVersion: v2\nname: model-cache\nversion: 1.0.0\n',
  'applications/model-cache/chart/values.yaml': 'memory: 1Gi\n',
  'applications/model-cache/chart/templates/map.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata: { memory: {{ .Values.memory }} }\n',
  'applications/model-cache/values/eu-west-1.yaml': 'memory: 4Gi\n',
};

test('a committed chart reaches every cluster with the values of its own', async () => {
  await allHealthy(fleet);
  const commit = await fleet.push('model-cache: add a chart', (dir) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
  });
  await until('the application to be known', () =>
    fleet.api(`/v1/applications/${application}`).catch(() => undefined),
  );
  await reached(fleet, application, commit);
  const memoryIn = async (cluster: string) =>
    (await fleet.object(cluster, 'configmap', 'ml-serving', application))?.data?.['memory'];
  expect(await Promise.all(['us-west-2', 'us-east-1', 'eu-west-1'].map(memoryIn))).toEqual([
    '1Gi',
    '1Gi',
    '4Gi',
  ]);
  // The hub that answers may not be the one that released it, and looks at the repo a little later.
  await until('the field to be explained by the template', async () => {
    const object = `configmap/${application}`;
    const { stdout } = await fleet.cli(
      ...['explain', application, '--cluster', 'eu-west-1', object, '.data.memory'],
    );
    return stdout.includes('applications/model-cache/chart/templates/map.yaml') || undefined;
  });
});
