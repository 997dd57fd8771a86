import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createNkey, nkeyOfSeed } from '@meridian/ledger/server';
import { certificateAuthority } from '@meridian/testkit';
import type { CertificateAuthority } from '@meridian/testkit';
import type { DataDirectory } from './data-directory.ts';
import { keptSecret, writeWhole } from './files.ts';
import { hubNames } from './plan.ts';
import type { SandboxPlan } from './plan.ts';

/** Every key and token of the fleet by its file, and what of it other parts must know. */
export interface FleetIdentity {
  readonly hubNatsKey: string;
  /** Public nkey of every cluster's agent. */
  readonly clusterNatsKeys: readonly { readonly name: string; readonly publicKey: string }[];
  readonly cliToken: string;
  readonly webhookSecret: string;
}

/** Paths below the folder of secrets. */
export function secretFiles(data: DataDirectory) {
  const at = (name: string) => join(data.secrets, name);
  return {
    authority: at('authority.crt'),
    authorityKey: at('authority.key'),
    signingKey: at('signing-key.pem'),
    trustedKeys: at('trusted-keys.pem'),
    cliToken: at('cli-token'),
    apiTokens: at('api-tokens'),
    webhookSecret: at('webhook-secret'),
    certificate: (who: string) => at(`${who}.crt`),
    key: (who: string) => at(`${who}.key`),
    natsSeed: (who: string) => at(`${who}.nats`),
  };
}

/** Makes what is missing of the fleet's keys, certificates and tokens; keeps the rest, so that a second start is the same fleet. */
export async function ensureIdentity(data: DataDirectory, plan: SandboxPlan): Promise<FleetIdentity> {
  const files = secretFiles(data);
  const authority = await openAuthority(data);
  for (const hub of hubNames) await issueHub(data, authority, hub);
  for (const { name } of plan.clusters) await issueAgent(data, authority, name);
  const signingKey = await keptSecret(files.signingKey, () =>
    String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  writeWhole(files.trustedKeys, String(createPublicKey(signingKey).export({ type: 'spki', format: 'pem' })));
  const cliToken = (
    await keptSecret(files.cliToken, () => `${randomBytes(32).toString('base64url')}\n`)
  ).trim();
  // No identity in git: whoever pushes to the sandbox may also approve what was pushed.
  const cliHash = createHash('sha256').update(cliToken).digest('hex');
  writeWhole(files.apiTokens, `cli ${cliHash} roles=admin,approver\n`, 0o600);
  const webhookSecret = await keptSecret(files.webhookSecret, () => `${randomBytes(32).toString('hex')}\n`);
  const hub = await natsKey(data, 'hub');
  const clusters = await Promise.all(
    plan.clusters.map(async ({ name }) => ({ name, publicKey: await natsKey(data, `agent-${name}`) })),
  );
  return { hubNatsKey: hub, clusterNatsKeys: clusters, cliToken, webhookSecret: webhookSecret.trim() };
}

async function openAuthority(data: DataDirectory): Promise<CertificateAuthority> {
  const files = secretFiles(data);
  const fresh = certificateAuthority('Meridian sandbox');
  const keyPem = await keptSecret(files.authorityKey, () => fresh.keyPem);
  const certificatePem = await keptSecret(files.authority, () => fresh.certificatePem);
  return certificateAuthority('Meridian sandbox', { certificatePem, keyPem });
}

async function issueHub(data: DataDirectory, authority: CertificateAuthority, hub: string): Promise<void> {
  const request = {
    commonName: hub,
    uris: [`spiffe://meridian/hub/${hub}`],
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    usages: ['server', 'client'] as const,
  };
  await keepCertificate(data, hub, authority.issue(request));
}

async function issueAgent(
  data: DataDirectory,
  authority: CertificateAuthority,
  cluster: string,
): Promise<void> {
  const request = {
    commonName: cluster,
    uris: [`spiffe://meridian/cluster/${cluster}`],
    usages: ['client'] as const,
  };
  await keepCertificate(data, `agent-${cluster}`, authority.issue(request));
}

/** Certificate and key are written again together at every start: they come from the kept authority and nobody remembers them. */
async function keepCertificate(
  data: DataDirectory,
  who: string,
  issued: { readonly certificatePem: string; readonly keyPem: string },
): Promise<void> {
  const files = secretFiles(data);
  writeWhole(files.key(who), issued.keyPem, 0o600);
  writeWhole(files.certificate(who), issued.certificatePem, 0o600);
}

async function natsKey(data: DataDirectory, who: string): Promise<string> {
  const seed = await keptSecret(secretFiles(data).natsSeed(who), () => `${createNkey().seed}\n`);
  return nkeyOfSeed(seed.trim()).publicKey;
}
