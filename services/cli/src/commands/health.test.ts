import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { runCommand } from '../testing/run.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, generation: 1 }
spec: { replicas: 2 }
status: { observedGeneration: 1, replicas: 2, updatedReplicas: 1 }
`;
const job = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'ray.io/v1',
      kind: 'RayJob',
      metadata: { name: 'train', deletionTimestamp: null },
      status: { jobStatus: 'FAILED', message: 'out of memory' },
    },
  ],
});
const judgedDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  status: 'Progressing',
  kstatus: 'InProgress',
  reason: '1 of 2 replicas are updated',
};
const judgedJob = {
  apiVersion: 'ray.io/v1',
  kind: 'RayJob',
  namespace: '',
  name: 'train',
  status: 'Degraded',
  kstatus: 'Current',
  reason: 'the job is FAILED: out of memory',
};

test('objects of files, of a directory and of the standard input are judged in their order', async () => {
  await using folder = await tempDir('cli-health');
  mkdirSync(join(folder.path, 'live/deep'), { recursive: true });
  writeFileSync(join(folder.path, 'live/deep/web.yaml'), deployment);
  writeFileSync(join(folder.path, 'live/jobs.json'), job);
  writeFileSync(join(folder.path, 'live/notes.txt'), 'no manifest');
  symlinkSync('/etc', join(folder.path, 'live/link'));
  const said = await runCommand(['health', '-f', 'live', '-f', '-', '-o', 'json'], {
    cwd: folder.path,
    stdin: `${deployment}---\n${job}`,
  });
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(said.stdout)).toEqual([judgedDeployment, judgedJob, judgedDeployment, judgedJob]);
});

test('--check fails when an object is degraded, not when one is progressing', async () => {
  const check = async (stdin: string) => (await runCommand(['health', '-f', '-', '--check'], { stdin })).code;
  expect([await check(deployment), await check(job)]).toEqual([0, 1]);
});

test('a table tells people what is wrong', async () => {
  const { stdout } = await runCommand(['health', '-f', '-'], { stdin: deployment });
  expect(stdout).toMatch(/^OBJECT +HEALTH +KSTATUS +REASON\n/);
  expect(stdout).toMatch(/Deployment shop\/web +Progressing +InProgress +1 of 2 replicas are updated\n/);
});

test('a key that is there twice and names that are missing are taken as kubectl takes them', async () => {
  const stdin = 'apiVersion: v1\nkind: ConfigMap\ndata: { a: b }\ndata: { a: c }\n';
  const { code, stdout } = await runCommand(['health', '-f', '-', '-o', 'json'], { stdin });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ kind: 'ConfigMap', name: '', status: 'Healthy' }]);
});

test.each([
  ['kind: ConfigMap\n', 'stdin:1: a Kubernetes object must be a mapping with apiVersion and kind'],
  ['apiVersion: v1\nkind: List\nitems:\n- a\n', 'stdin:4: items[0]: a Kubernetes object must be'],
  ['a: [\n', 'stdin:1: '],
  [
    `a: &a [1]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: &d [${'*c,'.repeat(50)}]\ne: [${'*d,'.repeat(50)}]\n`,
    'stdin:',
  ],
])('what cannot be read is told with its place, and nothing is printed', async (stdin, message) => {
  const said = await runCommand(['health', '-f', '-', '-o', 'json'], { stdin });
  expect(said).toMatchObject({ code: 1, stdout: '' });
  expect(said.stderr).toContain(message);
});

test('a file that is not there is told', async () => {
  const said = await runCommand(['health', '-f', 'missing.yaml']);
  expect(said).toMatchObject({ code: 1, stdout: '' });
  expect(said.stderr).toContain('missing.yaml is not there');
});

test('rules of a fleet judge before ours, and are refused with their place', async () => {
  await using folder = await tempDir('cli-health-rules');
  const rule = (expression: string) =>
    `apiVersion: meridian.dev/v1alpha1
kind: HealthRule
metadata: { name: web }
spec:
  resourceRules: [{ apiGroups: [apps], kinds: [Deployment] }]
  checks:
    - { expression: "${expression}", health: Suspended, message: it is held back }
`;
  writeFileSync(join(folder.path, 'rules.yaml'), rule('object.status.updatedReplicas == 1'));
  writeFileSync(join(folder.path, 'broken.yaml'), rule('object.status.'));
  const judged = (file: string) =>
    runCommand(['health', '-f', '-', '--rules', file, '-o', 'json'], { cwd: folder.path, stdin: deployment });
  const said = await judged('rules.yaml');
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(said.stdout)).toMatchObject([
    { status: 'Suspended', kstatus: 'InProgress', reason: 'it is held back' },
  ]);
  const refused = await judged('broken.yaml');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('broken.yaml:7: spec.checks[0].expression: ');
});
