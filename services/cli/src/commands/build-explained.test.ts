import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { runCommand } from '../testing/run.ts';

const files = {
  'fleet/fleet.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: eu-1, labels: { gpu: small } }
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
      - clusters: { matchLabels: { gpu: small } }
        replicas: [{ name: web, count: 1 }]
  placement: {}
  namespace: shop
  rolloutStrategy: all
`,
  'apps/web/kustomization.yaml': 'resources: [web.yaml, token.yaml]\nreplicas: [{ name: web, count: 2 }]\n',
  'apps/web/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
`,
  'apps/web/token.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata: { name: token }\nstringData: { token: hush }\n',
};

async function checkout() {
  const folder = await tempDir('cli-build-explained');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  return folder;
}

const build = (cwd: string, ...args: string[]) => runCommand(['build', ...args], { cwd });
const web = ['--application', 'web', '--cluster', 'eu-1', '--explain'];

test('a field of an application is explained from the files as they are, back to where it was first set', async () => {
  await using folder = await checkout();
  const said = await build(folder.path, ...web, 'deployment/web', '.spec.replicas');
  expect(said).toEqual({
    code: 0,
    stderr: '',
    stdout: `Deployment shop/web of web in eu-1
.spec.replicas: 1  fleet/fleet.yaml:18 spec.source.overrides[0].replicas[0] (ReplicaCountTransformer)
  before: 2  apps/web/kustomization.yaml:2 replicas[0] (ReplicaCountTransformer)
  before: 3  apps/web/web.yaml:5
`,
  });
});

test('a field of a kustomization is explained with places as seen from here', async () => {
  await using folder = await checkout();
  const said = await build(join(folder.path, 'apps'), 'web', '--explain', 'deployment/web', '.spec.replicas');
  expect(said).toEqual({
    code: 0,
    stderr: '',
    stdout: `Deployment web of web
.spec.replicas: 2  web/kustomization.yaml:2 replicas[0] (ReplicaCountTransformer)
  before: 3  web/web.yaml:5
`,
  });
});

test('without an object all are explained, and values of Secrets are masked', async () => {
  await using folder = await checkout();
  for (const args of [web, ['apps/web', '--explain']]) {
    const { code, stdout } = await build(folder.path, ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Secret (shop\/)?token of /m);
    expect(stdout).toMatch(/^Deployment (shop\/)?web of /m);
    expect(stdout).toContain('.spec.replicas: ');
    expect(stdout).not.toContain('hush');
  }
  const { stdout } = await build(folder.path, ...web, '-o', 'json');
  expect(JSON.parse(stdout)).toMatchObject([
    { object: { kind: 'Secret', namespace: 'shop' } },
    { object: { kind: 'Deployment', name: 'web' } },
  ]);
});

test('objects and fields that are not there, and what cannot be built, are told and nothing is printed', async () => {
  await using folder = await checkout();
  for (const args of [web, ['apps/web', '--explain']]) {
    const object = await build(folder.path, ...args, 'deployment/wbe');
    expect(object).toMatchObject({ code: 1, stdout: '' });
    expect(object.stderr).toBe('error: there is no deployment/wbe\n  fix: did you mean deployment/web?\n');
    const field = await build(folder.path, ...args, 'deployment/web', '.spec.replica');
    expect(field).toMatchObject({ code: 1, stdout: '' });
    expect(field.stderr).toContain('did you mean .spec.replicas?');
    expect(await build(folder.path, ...args, 'deployment/web', '.spec', 'more')).toMatchObject({ code: 2 });
  }
  writeFileSync(join(folder.path, 'apps/web/kustomization.yaml'), 'resources: [gone.yaml]\n');
  for (const args of [web, ['apps/web', '--explain']]) {
    const said = await build(folder.path, ...args, 'deployment/web');
    expect(said).toMatchObject({ code: 1, stdout: '' });
    expect(said.stderr).toMatch(/^error: apps\/web\/kustomization\.yaml:1: .*gone\.yaml/);
  }
});
