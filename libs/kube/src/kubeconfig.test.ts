import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openInCluster } from './in-cluster.ts';
import { openKubeconfig } from './kubeconfig.ts';

const dir = mkdtempSync(join(tmpdir(), 'meridian-kubeconfig-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const { signal } = new AbortController();
const base64 = (text: string) => Buffer.from(text).toString('base64');

let written = 0;
function kubeconfig(user: object, cluster: object = {}): string {
  const path = join(dir, `config-${(written += 1)}`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    contexts: [
      { name: 'main', context: { cluster: 'here', user: 'me' } },
      { name: 'broken', context: { cluster: 'nowhere', user: 'me' } },
    ],
    clusters: [
      {
        name: 'here',
        cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': base64('CA'), ...cluster },
      },
    ],
    users: [{ name: 'me', user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

test('reads server, certificate authority and token of the current context', async () => {
  const access = await openKubeconfig(kubeconfig({ token: 'abc' }), undefined);
  expect(access.url).toBe('https://127.0.0.1:6443');
  expect(await access.credentials(signal)).toEqual({ authorization: 'Bearer abc', tls: { ca: 'CA' } });
  expect(access.forgetCredentials()).toBe(false);
});

test('reads client certificates from files beside the kubeconfig, and data before files', async () => {
  writeFileSync(join(dir, 'me.crt'), 'CERT');
  const path = kubeconfig({
    'client-certificate': 'me.crt',
    'client-key-data': base64('KEY'),
    'client-key': 'not-there',
  });
  expect((await (await openKubeconfig(path, undefined)).credentials(signal)).tls).toEqual({
    ca: 'CA',
    cert: 'CERT',
    key: 'KEY',
  });
});

test('reads proxy, server name and the wish to skip verification', async () => {
  const path = kubeconfig(
    {},
    { 'proxy-url': 'http://proxy:3128', 'tls-server-name': 'kube', 'insecure-skip-tls-verify': true },
  );
  const access = await openKubeconfig(path, 'main');
  expect(access.proxyUrl).toBe('http://proxy:3128');
  expect((await access.credentials(signal)).tls).toEqual({
    ca: 'CA',
    servername: 'kube',
    rejectUnauthorized: false,
  });
});

test('reads basic auth', async () => {
  const access = await openKubeconfig(kubeconfig({ username: 'u', password: 'p' }), undefined);
  expect((await access.credentials(signal)).authorization).toBe(`Basic ${base64('u:p')}`);
});

test('reads a token file, and again after a refusal', async () => {
  writeFileSync(join(dir, 'token'), 'one\n');
  const access = await openKubeconfig(kubeconfig({ tokenFile: 'token' }), undefined);
  expect((await access.credentials(signal)).authorization).toBe('Bearer one');
  writeFileSync(join(dir, 'token'), 'two\n');
  expect((await access.credentials(signal)).authorization).toBe('Bearer one');
  expect(access.forgetCredentials()).toBe(true);
  expect((await access.credentials(signal)).authorization).toBe('Bearer two');
});

const plugin = (script: string, more: object = {}) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', script],
    ...more,
  },
});

test('runs a credential plugin with its environment and the cluster, and keeps what it gave', async () => {
  const script = `
    const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const token = [process.env.WHO, info.spec.cluster.server, Math.random()].join(' ');
    console.log(JSON.stringify({ apiVersion: info.apiVersion, kind: 'ExecCredential', status: { token } }));`;
  const access = await openKubeconfig(
    kubeconfig(plugin(script, { env: [{ name: 'WHO', value: 'me' }], provideClusterInfo: true })),
    undefined,
  );
  const first = await access.credentials(signal);
  expect(first.authorization).toMatch(/^Bearer me https:\/\/127.0.0.1:6443 0\./);
  expect((await access.credentials(signal)).authorization).toBe(first.authorization);
  access.forgetCredentials();
  expect((await access.credentials(signal)).authorization).not.toBe(first.authorization);
});

test('runs a credential plugin again when its token has expired', async () => {
  const script = `console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: String(Math.random()), expirationTimestamp: new Date(Date.now() + 5000).toISOString() } }))`;
  const access = await openKubeconfig(kubeconfig(plugin(script)), undefined);
  const first = await access.credentials(signal);
  expect((await access.credentials(signal)).authorization).not.toBe(first.authorization);
});

test('names the plugin that fails, without its output', async () => {
  const access = await openKubeconfig(
    kubeconfig(plugin(`console.log('hunter2'); process.exit(3)`)),
    undefined,
  );
  const error = await access.credentials(signal).catch((thrown: unknown) => String(thrown));
  expect(error).toContain('ended with code 3');
  expect(error).not.toContain('hunter2');
});

test.each([
  ['not-there', undefined, 'ENOENT'],
  [kubeconfig({}), 'unknown', 'it has main, broken'],
  [kubeconfig({}), 'broken', 'nowhere'],
  [kubeconfig({}, { server: 'what' }), undefined, 'not a URL'],
  [kubeconfig({ 'client-certificate': 'gone.crt' }), undefined, 'gone.crt'],
])('says what is wrong with a kubeconfig (%#)', async (path, context, text) => {
  await expect(openKubeconfig(path, context)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(text) as unknown,
  });
});

test('inside a cluster the service account speaks', async () => {
  writeFileSync(join(dir, 'ca.crt'), 'POD CA');
  writeFileSync(join(dir, 'token'), 'pod-token');
  const access = await openInCluster(dir);
  expect(await access.credentials(signal)).toEqual({
    authorization: 'Bearer pod-token',
    tls: { ca: 'POD CA' },
  });
  await expect(openInCluster(join(dir, 'nowhere'))).rejects.toThrow('give a kubeconfig');
});
