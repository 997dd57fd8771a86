import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { requirePart, tempDir } from '@meridian/testkit';
import { expect, it } from 'vitest';
import { runCommand } from '../testing/run.ts';

const files = {
  'app/kustomization.yaml':
    'helmCharts: [{ name: web, releaseName: shop, valuesInline: { color: blue } }]\nnamePrefix: my-\n',
  'app/charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'app/charts/web/values.yaml': 'color: red\n',
  'app/charts/web/templates/cm.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}" }\ndata: { color: {{ required "choose a color" .Values.color }} }\n',
};

async function folderWith(contents: { readonly [path: string]: string }) {
  const folder = await tempDir('cli-charts');
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  return folder;
}
const helm = ['--enable-helm', '--helm-command', requirePart('helm')];

it('build renders the charts of a kustomization when it is told to', async () => {
  await using folder = await folderWith(files);
  const { code, stdout, stderr } = await runCommand(['build', 'app', ...helm], { cwd: folder.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe('apiVersion: v1\ndata:\n  color: blue\nkind: ConfigMap\nmetadata:\n  name: my-shop\n');
  const plugins = ['--enable-alpha-plugins', ...helm.slice(1)];
  expect((await runCommand(['build', 'app', ...plugins], { cwd: folder.path })).stdout).toBe(stdout);
});

it('build tells the line of the template that fails', async () => {
  await using folder = await folderWith({
    ...files,
    'app/charts/web/values.yaml': 'color: ""\n',
    'app/kustomization.yaml': 'helmCharts: [{ name: web, releaseName: shop }]\n',
  });
  const { code, stdout, stderr } = await runCommand(['build', 'app', ...helm], { cwd: folder.path });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('error: app/charts/web/templates/cm.yaml:4: helm:');
  expect(stderr).toContain('choose a color');
});

it('build refuses charts unless it is told to render them, and says what is missing when there is no helm', async () => {
  await using folder = await folderWith(files);
  const plain = await runCommand(['build', 'app'], { cwd: folder.path });
  expect(plain).toMatchObject({ code: 1, stdout: '' });
  expect(plain.stderr).toContain('--enable-helm');
  const without = await runCommand(['build', 'app', '--enable-helm'], {
    cwd: folder.path,
    env: { PATH: '' },
  });
  expect(without).toMatchObject({ code: 1, stdout: '' });
  expect(without.stderr).toContain('helm is not on this machine');
  expect(without.stderr).toContain('--helm-command');
});

it('build renders the charts of an application with its values for a cluster', async () => {
  await using folder = await folderWith({
    ...files,
    'fleet/fleet.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: eu-1, labels: { color: green } }
---
apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
---
apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: shop }
spec:
  source: { path: app/charts/web, helm: { releaseName: shop, values: { color: violet } } }
  placement: {}
  namespace: shop
  rolloutStrategy: all
`,
  });
  const application = ['build', '--application', 'shop', '--cluster', 'eu-1'];
  const { code, stdout, stderr } = await runCommand([...application, '--helm-command', requirePart('helm')], {
    cwd: folder.path,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('name: shop\n');
  expect(stdout).toContain('color: violet\n');
  const without = await runCommand(application, { cwd: folder.path, env: { PATH: '' } });
  expect(without).toMatchObject({ code: 1, stdout: '' });
  expect(without.stderr).toContain('--helm-command');
});
