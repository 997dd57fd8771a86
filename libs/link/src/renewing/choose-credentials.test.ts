import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { certificateAuthority } from '@meridian/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueCertificate } from '../issuing/issue-certificate.ts';
import { makeCertificateRequest } from '../issuing/certificate-request.ts';
import { chooseCredentials } from './choose-credentials.ts';
import { decodeKeptPair, encodeKeptPair } from './kept-pair.ts';
import type { KeptPair } from './kept-pair.ts';

const dayMs = 86_400_000;
const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
const fleet = certificateAuthority('fleet');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'meridian-choose-'));
  writeFileSync(join(dir, 'ca.pem'), fleet.certificatePem);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string) => join(dir, name);
const files = () => ({
  caFile: at('ca.pem'),
  certFile: at('tls.crt'),
  keyFile: at('tls.key'),
  keptFile: at('kept.json'),
});

/** A pair that was issued at a time, and is valid for a day. */
function pairAt(issuedAtMs: number, authority = fleet): KeptPair {
  const { keyPem } = makeCertificateRequest();
  const certificate = issueCertificate(
    { certificate: new X509Certificate(authority.certificatePem), key: createPrivateKey(authority.keyPem) },
    { cluster: 'c1', publicKey: createPublicKey(keyPem), lifeMs: dayMs, nowMs: issuedAtMs },
  );
  return { certificate: certificate.toString(), key: keyPem };
}

function give({ certificate, key }: KeptPair): void {
  writeFileSync(at('tls.crt'), certificate);
  writeFileSync(at('tls.key'), key);
}
const keep = (pair: KeptPair) => writeFileSync(at('kept.json'), encodeKeptPair(pair));
const chosen = (when = nowMs) => chooseCredentials(files(), when).file;

describe('the pair that an agent uses', () => {
  it('is the given one while it keeps none', () => {
    give(pairAt(nowMs));
    expect(chosen()).toBe(at('tls.crt'));
  });

  it('is the kept one when nothing was given', () => {
    keep(pairAt(nowMs));
    expect(chosen()).toBe(at('kept.json'));
  });

  it('is the one that was issued later, so that a new file replaces what a hub issued, and the other way round', () => {
    give(pairAt(nowMs - 3_600_000));
    keep(pairAt(nowMs));
    expect(chosen()).toBe(at('kept.json'));
    give(pairAt(nowMs + 60_000));
    expect(chosen()).toBe(at('tls.crt'));
  });

  it('is the one that has not ended, whichever was issued later', () => {
    give(pairAt(nowMs));
    keep(pairAt(nowMs - 2 * 3_600_000));
    expect(chosen(nowMs + dayMs - 60 * 60_000)).toBe(at('tls.crt'));
    expect(chosen(nowMs + 3 * dayMs)).toBe(at('tls.crt'));
  });

  it('is never one of another authority, one whose key does not fit, or a damaged one', () => {
    give(pairAt(nowMs - 3_600_000));
    keep(pairAt(nowMs, certificateAuthority('other')));
    expect(chosen()).toBe(at('tls.crt'));
    keep({ ...pairAt(nowMs), key: pairAt(nowMs).key });
    expect(chosen()).toBe(at('tls.crt'));
    for (const text of ['', '{', '[]', '{"version":2}', '{"version":1,"certificate":"x","key":"y"}']) {
      writeFileSync(at('kept.json'), text);
      expect(chosen()).toBe(at('tls.crt'));
    }
  });

  it('is missing with the reason of the files when neither can be used', () => {
    writeFileSync(at('kept.json'), 'garbage');
    expect(() => chosen()).toThrow(`${at('tls.crt')} cannot be read`);
  });
});

describe('the text of a kept pair', () => {
  it('holds certificate and key together, and comes back as it was', () => {
    const pair = { ...pairAt(nowMs), token: 'ab12' };
    expect(decodeKeptPair(encodeKeptPair(pair), 'x')).toEqual(pair);
  });

  it('is named and never quoted when it is damaged', () => {
    expect(() => decodeKeptPair('{"key":"-----SECRET-----"}', 'Secret a/b')).toThrow(
      /^Secret a\/b does not hold a certificate with its key$/,
    );
  });
});
