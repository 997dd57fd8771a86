import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { experimental } from '@grpc/grpc-js';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { LinkLog } from './attach-link.ts';
import { every } from './every.ts';

/** The three PEM files of one side of the link. */
export interface CertificateFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** What the files hold. */
export interface Credentials {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

const rereadMs = 5_000;

/** Reads the files and checks that they fit together. Throws a FaultError that names the file. */
export function readCredentials(files: CertificateFiles): Credentials {
  const ca = readFile(files.caFile);
  const cert = readFile(files.certFile);
  const key = readFile(files.keyFile);
  parse(files.caFile, () => new X509Certificate(ca));
  const certificate = parse(files.certFile, () => new X509Certificate(cert));
  const privateKey = parse(files.keyFile, () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return { ca, cert, key };
  throw unusable(`the key in ${files.keyFile} does not belong to the certificate in ${files.certFile}`);
}

/**
 * A grpc certificate provider that follows the files. grpc's own watcher drops the working certificate while files are being
 * replaced, and gives a key that does not fit to TLS, which ends the process; this one keeps the last good set.
 */
export class CertificateWatch implements experimental.CertificateProvider {
  private readonly files: CertificateFiles;
  private readonly log: LinkLog;
  private current: Credentials;
  private problem = '';
  private readonly caListeners = new Set<experimental.CaCertificateUpdateListener>();
  private readonly identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();

  /** Reads the files at once; throws a FaultError when they cannot be used. */
  constructor(files: CertificateFiles, log: LinkLog) {
    this.files = files;
    this.log = log;
    this.current = readCredentials(files);
  }

  /** Looks at the files every 5 s until the signal aborts. */
  follow(clock: Clock, signal: AbortSignal): Promise<void> {
    return every(rereadMs, () => this.reread(), { clock, signal });
  }

  /** Takes what the files hold now, when it is new and usable. */
  reread(): void {
    try {
      const next = readCredentials(this.files);
      this.problem = '';
      if (sameCredentials(next, this.current)) return;
      this.current = next;
    } catch (error) {
      const problem = errorText(error);
      if (problem !== this.problem)
        this.log.warn({ error: problem }, 'the certificate files cannot be used; the last ones stay');
      this.problem = problem;
      return;
    }
    for (const listener of this.caListeners) this.tellCa(listener);
    for (const listener of this.identityListeners) this.tellIdentity(listener);
    this.log.info({ file: this.files.certFile }, 'certificate rotated');
  }

  addCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.caListeners.add(listener);
    process.nextTick(() => this.tellCa(listener));
  }

  removeCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.identityListeners.add(listener);
    process.nextTick(() => this.tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.identityListeners.delete(listener);
  }

  private tellCa(listener: experimental.CaCertificateUpdateListener): void {
    listener({ caCertificate: this.current.ca });
  }

  private tellIdentity(listener: experimental.IdentityCertificateUpdateListener): void {
    listener({ certificate: this.current.cert, privateKey: this.current.key });
  }
}

function sameCredentials(one: Credentials, other: Credentials): boolean {
  return one.ca.equals(other.ca) && one.cert.equals(other.cert) && one.key.equals(other.key);
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unusable(`${path} cannot be read`, error);
  }
}

function parse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unusable(`${path} does not hold what it should in PEM`, error);
  }
}

function unusable(message: string, cause?: unknown): FaultError {
  return new FaultError('invalid', message, { retry: 'never', cause });
}
