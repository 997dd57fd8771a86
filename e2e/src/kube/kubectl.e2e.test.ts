import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimServer } from '@meridian/kubesim';
import { requirePart, startControlPlane, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

// What a person sees who works with kubectl must be the same on a real API server and on kubesim.
const kubeconfigs: string[] = [];
const resources = new AsyncDisposableStack();
let manifest = '';

beforeAll(async () => {
  const dirs = [await tempDir('kubectl-real'), await tempDir('kubectl-simulated')].map((dir) =>
    resources.use(dir),
  );
  const [first, second] = dirs.map(({ path }) => path);
  const real = await startControlPlane({ name: 'k', dir: first ?? '', durable: false, minimal: true });
  const simulated = await startSimServer({ name: 'k', dir: second ?? '' });
  kubeconfigs.push(resources.use(real).kubeconfig, resources.use(simulated).kubeconfig);
  manifest = join(first ?? '', 'web.yaml');
  await writeManifest(2);
});

afterAll(() => resources.disposeAsync());

function writeManifest(replicas: number): Promise<void> {
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
  };
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  return writeFile(manifest, JSON.stringify(deployment));
}

it.each<readonly [string, readonly string[]]>([
  ['what is served', ['api-resources -o name', 'api-versions', 'version -o yaml']],
  ['explanations', ['explain deployment.spec.strategy', 'explain pod.spec.containers.resources --recursive']],
  [
    'a manifest applied, changed and applied by the server',
    [
      'apply -f FILE',
      'apply -f FILE',
      'scale deployment web --replicas 5',
      'get deployment web -o wide',
      'label deployment web tier=front',
      'set image deployment/web web=nginx:1.28',
      'describe deployment web',
      'apply --server-side -f FILE',
      'apply --server-side --force-conflicts -f FILE',
      'get deployment web -o yaml --show-managed-fields',
      'rollout status deployment/web --timeout 1s',
      'rollout restart deployment/nothing',
      'delete -f FILE',
    ],
  ],
  [
    'objects that kubectl makes itself',
    [
      'create configmap settings --from-literal model=llama',
      'create secret generic key --from-literal token=abc',
      'create deployment api --image nginx:1.27 --replicas 3',
      'expose deployment api --port 80',
      'create job once --image busybox -- true',
      'create cronjob nightly --image busybox --schedule "0 3 * * *"',
      'autoscale deployment api --min 2 --max 5 --cpu 50%',
      'create role reader --verb get --resource pods',
      'create rolebinding reads --role reader --user ada',
      'create poddisruptionbudget api --selector app=api --min-available 1',
      'get configmaps,secrets,deployments,services,jobs,cronjobs,hpa,roles,rolebindings,pdb',
      'get service api -o wide',
      'get configmap settings -o yaml',
      'patch service api -p {"spec":{"type":"NodePort"}}',
      'annotate configmap settings a=b',
      'annotate configmap settings a=c',
      'annotate configmap settings a=c --overwrite',
      'get all --show-labels',
      'delete configmap settings',
      'wait --for=delete configmap/settings --timeout 2s',
      'auth can-i create pods',
      'auth whoami',
    ],
  ],
  [
    'mistakes',
    [
      'get nothing',
      'get pod none',
      'create deployment Bad_Name --image nginx',
      'create namespace default',
      'label namespace default kubernetes.io/metadata.name=other --overwrite',
      'delete service none',
      'get pods -l a=b=c',
      'get pods --field-selector a=b',
    ],
  ],
])('kubectl shows the same: %s', async (_, commands) => {
  for (const command of commands) {
    const [real, simulated] = await Promise.all(
      kubeconfigs.map((kubeconfig) => kubectl(kubeconfig, command)),
    );
    expect({ command, ...simulated }).toEqual({ command, ...real });
  }
});

/** Runs a command; words are parted by spaces, but for those in quotes. */
function kubectl(kubeconfig: string, command: string): Promise<{ code: number; output: string }> {
  const words = (command.match(/"[^"{]*"(?=\s|$)|\S+/g) ?? []).map((word) =>
    word === 'FILE' ? manifest : word.replace(/^"([^"]*)"$/, '$1'),
  );
  return new Promise((resolve) => {
    execFile(requirePart('kubectl'), ['--kubeconfig', kubeconfig, ...words], (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, output: normal(`${stdout}${stderr}`) });
    });
  });
}

/** Takes out what two servers cannot agree on. */
function normal(output: string): string {
  return output
    .replaceAll(/\b10\.0\.\d+\.\d+\b/g, '<address>')
    .replaceAll(/\b80:3\d{4}\b/g, '80:<port>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replaceAll(/resourceVersion: "\d+"/g, 'resourceVersion: <revision>')
    .replaceAll(/CreationTimestamp:.*/g, 'CreationTimestamp: <time>')
    .replaceAll(/\b\d+(s|m\d*s?)\b/g, '<age>')
    .replaceAll(/ +/g, ' ');
}
