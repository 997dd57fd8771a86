import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FaultError } from '@meridian/runtime';
import { certificatesIn } from './pem.ts';

/** Who signs certificates of agents. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Where its certificate, which may stand among others, and its key are; both PEM. */
export interface AuthorityFiles {
  readonly caFile: string;
  readonly keyFile: string;
}

/**
 * Reads the authority: of the certificates in `caFile` the one that the key belongs to. Throws FaultError `invalid` that names the
 * file, and never says what is in the key's.
 */
export function readAuthority({ caFile, keyFile }: AuthorityFiles): Authority {
  const key = privateKeyIn(keyFile);
  const certificate = readAuthorities(caFile).find((one) => one.ca && one.checkPrivateKey(key));
  if (certificate) return { certificate, key };
  throw unusable(`the key in ${keyFile} belongs to no certificate of an authority in ${caFile}`);
}

/** The certificates in a file of PEM. Throws FaultError `invalid` that names the file. */
export function readAuthorities(caFile: string): readonly X509Certificate[] {
  try {
    return certificatesIn(readFileSync(caFile, 'utf8'));
  } catch (cause) {
    throw unusable(`${caFile} does not hold certificates in PEM that can be read`, cause);
  }
}

function privateKeyIn(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch {
    // Without the cause: it may quote what it could not read.
    throw unusable(`${file} does not hold a private key in PEM that can be read`);
  }
}

function unusable(message: string, cause?: unknown): FaultError {
  return new FaultError('invalid', message, { retry: 'later', ...(cause === undefined ? {} : { cause }) });
}
