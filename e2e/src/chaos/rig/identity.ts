import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNkey } from '@meridian/ledger';
import { certificateAuthority } from '@meridian/testkit';

/** Keys, certificates and tokens of a fleet, as files, and what others have to know of them. */
export interface FleetKeys {
  readonly hubPublicKey: string;
  readonly hubSeed: string;
  readonly clusterKeys: readonly { readonly name: string; readonly publicKey: string }[];
  readonly signingPublicKey: string;
  readonly token: string;
  /** Path of a file: `authority.crt`, `NAME.crt`, `NAME.key`, `NAME.nats`, `signing-key.pem`, `trusted-keys.pem`, `api-tokens`. */
  at(file: string): string;
  /** Everything that nobody may tell: it has to be in no log. */
  readonly secrets: readonly string[];
}

/** Makes all keys of a fleet in a folder. */
export function makeKeys(dir: string, hubs: readonly string[], clusters: readonly string[]): FleetKeys {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const at = (file: string) => join(dir, file);
  const write = (file: string, text: string) => writeFileSync(at(file), text, { mode: 0o600 });
  const secrets: string[] = [];
  const secret = (file: string, text: string) => {
    write(file, text);
    secrets.push(...text.split('\n').filter((line) => line.length >= 32 && !line.startsWith('-----')));
  };
  const authority = certificateAuthority('Meridian chaos');
  write('authority.crt', authority.certificatePem);
  const issue = (name: string, uri: string, more: { ipAddresses?: string[] }) => {
    const usages = more.ipAddresses ? (['server', 'client'] as const) : (['client'] as const);
    const issued = authority.issue({ commonName: name, uris: [uri], usages, ...more });
    write(`${name}.crt`, issued.certificatePem);
    secret(`${name}.key`, issued.keyPem);
  };
  for (const hub of hubs) issue(hub, `spiffe://meridian/hub/${hub}`, { ipAddresses: ['127.0.0.1'] });
  const clusterKeys = clusters.map((name) => {
    issue(`agent-${name}`, `spiffe://meridian/cluster/${name}`, {});
    const { seed, publicKey } = createNkey();
    secret(`agent-${name}.nats`, `${seed}\n`);
    return { name, publicKey };
  });
  const hub = createNkey();
  secret('hub.nats', `${hub.seed}\n`);
  const { privateKey } = generateKeyPairSync('ed25519');
  const signingKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  secret('signing-key.pem', signingKey);
  const signingPublicKey = String(createPublicKey(signingKey).export({ type: 'spki', format: 'pem' }));
  write('trusted-keys.pem', signingPublicKey);
  const token = randomBytes(32).toString('base64url');
  secrets.push(token);
  write('api-tokens', `operator ${createHash('sha256').update(token).digest('hex')} roles=admin,approver\n`);
  return {
    hubPublicKey: hub.publicKey,
    hubSeed: hub.seed,
    clusterKeys,
    signingPublicKey,
    token,
    at,
    secrets,
  };
}
