import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNkey } from '@meridian/ledger';
import type { Nkey } from '@meridian/ledger';
import { certificateAuthority } from '@meridian/testkit';

/** Keys, certificates and tokens of a fleet, in files that only this user reads. */
export interface RolloutIdentity {
  readonly folder: string;
  readonly hubNkey: Nkey;
  readonly clusterNkeys: ReadonlyMap<string, Nkey>;
  readonly trustedKey: string;
  readonly token: string;
  readonly webhookSecret: string;
  /** Path of a file: `authority.crt`, `NAME.crt`, `NAME.key`, `hub.nats`, `signing-key.pem`, `api-tokens`, `webhook-secret`. */
  file(name: string): string;
}

/** Makes an authority, and of it a certificate for each hub and for the agent of each cluster. */
export function makeIdentity(
  dir: string,
  hubs: readonly string[],
  clusters: readonly string[],
): RolloutIdentity {
  const folder = join(dir, 'secrets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 });
  const authority = certificateAuthority('Meridian bench');
  write('authority.crt', authority.certificatePem);
  const issue = (name: string, request: Omit<Parameters<typeof authority.issue>[0], 'commonName'>) => {
    const { certificatePem, keyPem } = authority.issue({ commonName: name, ...request });
    write(`${name}.crt`, certificatePem);
    write(`${name}.key`, keyPem);
  };
  for (const hub of hubs)
    issue(hub, {
      uris: [`spiffe://meridian/hub/${hub}`],
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      usages: ['server', 'client'],
    });
  for (const cluster of clusters)
    issue(cluster, { uris: [`spiffe://meridian/cluster/${cluster}`], usages: ['client'] });
  const { privateKey } = generateKeyPairSync('ed25519');
  write('signing-key.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const token = randomBytes(32).toString('base64url');
  write('api-tokens', `bench ${createHash('sha256').update(token).digest('hex')} roles=admin,approver\n`);
  const webhookSecret = randomBytes(32).toString('hex');
  write('webhook-secret', webhookSecret);
  const hubNkey = createNkey();
  write('hub.nats', hubNkey.seed);
  return {
    ...{ folder, file, hubNkey, token, webhookSecret },
    clusterNkeys: new Map(clusters.map((name) => [name, createNkey()])),
    trustedKey: String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })),
  };
}
