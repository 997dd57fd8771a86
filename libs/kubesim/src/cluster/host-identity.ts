import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateAuthority } from '@meridian/testkit';
import type { CertificateAuthority } from '@meridian/testkit';
import { newSigningKey } from '../api/token-issuer.ts';
import type { TlsIdentity } from './tls-listener.ts';

const loopback = ['127.0.0.1', '10.0.0.1'];

/** What a host of clusters shows of itself. */
export interface HostIdentity extends TlsIdentity {
  /** A certificate of the same authority for one more name. */
  issue(serverName: string): TlsIdentity;
}

/** The identity of a host of clusters, kept in a folder when there is one. */
export function openHostIdentity(dir: string | undefined): HostIdentity {
  const keep = keeper(dir);
  const authority = openAuthority(keep);
  const caPem = authority.certificatePem;
  const issue = (...dnsNames: string[]): TlsIdentity => {
    const request = { commonName: 'kube-apiserver', ipAddresses: loopback, dnsNames } as const;
    return { ...authority.issue({ ...request, usages: ['server'] }), caPem };
  };
  return { ...issue('localhost', 'kubernetes.default.svc'), issue };
}

function openAuthority(keep: Keeper): CertificateAuthority {
  const [certificatePem, keyPem] = [keep('ca.crt'), keep('ca.key')];
  if (certificatePem !== undefined && keyPem !== undefined) {
    return certificateAuthority('simulated clusters', { certificatePem, keyPem });
  }
  const made = certificateAuthority('simulated clusters');
  keep('ca.key', made.keyPem);
  keep('ca.crt', made.certificatePem);
  return made;
}

/** The token of a cluster's administrator, kept in a folder when there is one. */
export function openToken(dir: string | undefined): string {
  const keep = keeper(dir);
  const kept = keep('token');
  if (kept !== undefined) return kept;
  const token = randomBytes(24).toString('hex');
  keep('token', token);
  return token;
}

/** The key that signs tokens of a cluster's service accounts, as PEM; undefined without a folder to keep it in. */
export function openServiceAccountKey(dir: string | undefined): string | undefined {
  const keep = keeper(dir);
  const kept = keep('service-accounts.key');
  if (dir === undefined || kept !== undefined) return kept;
  return keep('service-accounts.key', newSigningKey());
}

type Keeper = (name: string, text?: string) => string | undefined;

/** Reads a file of a folder, or writes it when there is a text. */
function keeper(dir: string | undefined): Keeper {
  if (dir === undefined) return () => undefined;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return (name, text) => {
    const file = join(dir, name);
    if (text === undefined) return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    writeFileSync(file, text, { mode: 0o600 });
    return text;
  };
}
