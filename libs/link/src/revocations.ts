import { readFileSync } from 'node:fs';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { LinkLog } from './attach-link.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { every } from './every.ts';

/** Certificates that are not accepted any more, whatever they say of their end. */
export interface RevokedCertificates {
  /** SHA-256 fingerprints, lower-case hex without colons. */
  readonly fingerprints: ReadonlySet<string>;
  /** Serial numbers, lower-case hex without leading zeros. */
  readonly serialNumbers: ReadonlySet<string>;
  /** Clusters whose certificates that begin before this time (Unix milliseconds) are out; Infinity means all. */
  readonly clusters: ReadonlyMap<string, number>;
}

/** The same while it is read. */
interface Reading {
  readonly fingerprints: Set<string>;
  readonly serialNumbers: Set<string>;
  readonly clusters: Map<string, number>;
}

const bare = (text: string): string => text.replaceAll(':', '').toLowerCase();
const serial = (text: string): string => bare(text).replace(/^(?:0x)?0*/, '');

/**
 * Reads a list with one certificate a line, as `sha256 FINGERPRINT` or `serial NUMBER` in hex with or without colons, or all of
 * a cluster's as `cluster NAME`, or `cluster NAME before TIME` (RFC 3339) for those that begin before; `#` begins a comment. Throws FaultError `invalid` with file and line for anything else, so that no typo leaves a certificate in use.
 */
export function parseRevocations(text: string, file: string): RevokedCertificates {
  const revoked: Reading = { fingerprints: new Set(), serialNumbers: new Set(), clusters: new Map() };
  for (const [index, line] of text.split('\n').entries()) {
    const said = line.replace(/#.*/, '').trim();
    if (said === '' || takeCertificate(said, revoked) || takeCluster(said, revoked)) continue;
    throw new FaultError(
      'invalid',
      `${file}:${index + 1} is neither "sha256 FINGERPRINT" (64 hex digits) nor "serial NUMBER" (hex) nor "cluster NAME [before 2026-01-31T12:00:00Z]"`,
      { retry: 'never' },
    );
  }
  return revoked;
}

function takeCluster(line: string, { clusters }: Reading): boolean {
  const [, name, time] =
    /^cluster\s+([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)(?:\s+before\s+(\S+))?$/i.exec(line) ?? [];
  if (name === undefined) return false;
  const beforeMs = time === undefined ? Infinity : timeOf(time);
  if (Number.isNaN(beforeMs)) return false;
  clusters.set(name, Math.max(beforeMs, clusters.get(name) ?? -Infinity));
  return true;
}

/** A time with its zone: one without would mean something else on each machine. */
function timeOf(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(text)
    ? Date.parse(text)
    : NaN;
}

function takeCertificate(line: string, { fingerprints, serialNumbers }: Reading): boolean {
  const [, kind, value = ''] = /^(sha256|serial)\s+((?:0x)?[0-9a-f:]+)$/i.exec(line) ?? [];
  const isFingerprint = kind?.toLowerCase() === 'sha256';
  if (kind === undefined || (isFingerprint ? bare(value).length !== 64 : serial(value) === '')) return false;
  if (isFingerprint) fingerprints.add(bare(value));
  else serialNumbers.add(serial(value));
  return true;
}

/** Whether a certificate is in the list. */
export function isRevokedIn(
  { fingerprints, serialNumbers, clusters }: RevokedCertificates,
  { fingerprint, serialNumber, cluster, startsAtMs }: PeerIdentity,
): boolean {
  if (startsAtMs < (clusters.get(cluster) ?? -Infinity)) return true;
  return fingerprints.has(bare(fingerprint)) || serialNumbers.has(serial(serialNumber));
}

const rereadMs = 5_000;

/** A list that follows its file. One that cannot be read or has a mistake changes nothing: the last good one stays. */
export class RevocationWatch {
  private readonly file: string;
  private readonly log: LinkLog;
  private text: string;
  private revoked: RevokedCertificates;
  private problem = '';

  /** Reads the file at once; throws a FaultError when it cannot be used. */
  constructor(file: string, log: LinkLog) {
    this.file = file;
    this.log = log;
    this.text = readText(file);
    this.revoked = parseRevocations(this.text, file);
  }

  has(identity: PeerIdentity): boolean {
    return isRevokedIn(this.revoked, identity);
  }

  /** Looks at the file every 5 s until the signal aborts. */
  follow(clock: Clock, signal: AbortSignal): Promise<void> {
    return every(rereadMs, () => this.reread(), { clock, signal });
  }

  /** Takes what the file says now. */
  reread(): void {
    try {
      const text = readText(this.file);
      if (text !== this.text) {
        this.revoked = parseRevocations(text, this.file);
        this.text = text;
        const { fingerprints, serialNumbers, clusters } = this.revoked;
        const count = fingerprints.size + serialNumbers.size;
        this.log.info({ file: this.file, count, clusters: clusters.size }, 'revoked certificates were read');
      }
      this.problem = '';
    } catch (error) {
      const problem = errorText(error);
      if (problem !== this.problem)
        this.log.error({ error: problem }, 'the revoked certificates cannot be read; the last ones stay');
      this.problem = problem;
    }
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FaultError('invalid', `${file} cannot be read: ${errorText(cause)}`, { retry: 'never', cause });
  }
}
