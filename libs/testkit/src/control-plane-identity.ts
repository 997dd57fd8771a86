import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority } from './certificates.ts';
import { freePort } from './free-port.ts';

/** What makes a control plane the same one after a restart: its address, its keys and its admin token. */
export interface ControlPlaneIdentity {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly caPem: string;
  /** Path of the kubeconfig, readable by its owner only. */
  readonly kubeconfig: string;
  readonly files: {
    readonly ca: string;
    /** Signs client certificates: the API server trusts them, organization is the group. */
    readonly caKey: string;
    readonly certificate: string;
    readonly key: string;
    readonly serviceAccountKey: string;
    readonly serviceAccountPublicKey: string;
    readonly tokens: string;
  };
}

interface StoredIdentity {
  readonly port: number;
  readonly token: string;
}

/** Reads the identity kept in `dir`, or makes one. A given port replaces the stored one. */
export async function openIdentity(
  name: string,
  dir: string,
  port: number | undefined,
): Promise<ControlPlaneIdentity> {
  const folder = join(dir, 'identity');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {
    ca: join(folder, 'ca.crt'),
    caKey: join(folder, 'ca.key'),
    certificate: join(folder, 'apiserver.crt'),
    key: join(folder, 'apiserver.key'),
    serviceAccountKey: join(folder, 'service-accounts.key'),
    serviceAccountPublicKey: join(folder, 'service-accounts.pub'),
    tokens: join(folder, 'tokens.csv'),
  };
  const stored = join(folder, 'identity.json');
  if (!existsSync(stored)) {
    await createKeys(name, files);
    await writeSecret(
      stored,
      JSON.stringify({ port: port ?? (await freePort()), token: randomBytes(24).toString('hex') }),
    );
  }
  const kept = JSON.parse(await readFile(stored, 'utf8')) as StoredIdentity;
  const chosen: StoredIdentity = { ...kept, port: port ?? kept.port };
  if (chosen.port !== kept.port) await writeSecret(stored, JSON.stringify(chosen));
  await writeSecret(files.tokens, `${chosen.token},admin,admin,system:masters\n`);
  const caPem = await readFile(files.ca, 'utf8');
  const url = `https://127.0.0.1:${chosen.port}`;
  const kubeconfig = join(dir, 'kubeconfig');
  await writeSecret(kubeconfig, kubeconfigText({ name, url, caPem, token: chosen.token }));
  return { url, port: chosen.port, token: chosen.token, caPem, kubeconfig, files };
}

/** A kubeconfig with one cluster, one user with a token, and one context, all called `name`. */
export function kubeconfigText(access: {
  readonly name: string;
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** The name to ask for in TLS; that of the URL unless told. */
  readonly serverName?: string;
}): string {
  const { name, url, caPem, token, serverName } = access;
  const asked = serverName === undefined ? '' : `, tls-server-name: ${serverName}`;
  return [
    'apiVersion: v1',
    'kind: Config',
    `current-context: ${name}`,
    'clusters:',
    `  - name: ${name}`,
    `    cluster: { server: '${url}', certificate-authority-data: ${Buffer.from(caPem).toString('base64')}${asked} }`,
    'users:',
    `  - name: ${name}-admin`,
    `    user: { token: ${token} }`,
    'contexts:',
    `  - name: ${name}`,
    `    context: { cluster: ${name}, user: ${name}-admin }`,
    '',
  ].join('\n');
}

/** Writes beside the file first, so that a crash never leaves half a key or half a kubeconfig. */
async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function createKeys(name: string, files: ControlPlaneIdentity['files']): Promise<void> {
  const serviceAccounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeSecret(
    files.serviceAccountKey,
    String(serviceAccounts.privateKey.export({ type: 'sec1', format: 'pem' })),
  );
  await writeSecret(
    files.serviceAccountPublicKey,
    String(serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' })),
  );
  const authority = certificateAuthority(`${name} control plane`);
  const server = authority.issue({
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '10.0.0.1'],
    usages: ['server'],
  });
  await writeSecret(files.ca, authority.certificatePem);
  await writeSecret(files.caKey, authority.keyPem);
  await writeSecret(files.certificate, server.certificatePem);
  await writeSecret(files.key, server.keyPem);
}
