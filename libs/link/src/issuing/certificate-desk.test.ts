import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateAuthority } from '@meridian/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { CertificateDesk } from './certificate-desk.ts';
import { makeCertificateRequest } from './certificate-request.ts';

it('signs a few of 10,000 requests of one agent, another after each second, and is not in the way of others', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'meridian-desk-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const { certificatePem, keyPem } = certificateAuthority('fleet');
  const [caFile, authorityKeyFile] = [join(dir, 'ca.pem'), join(dir, 'ca.key')];
  writeFileSync(caFile, certificatePem);
  writeFileSync(authorityKeyFile, keyPem);
  let nowMs = 0;
  const issued: string[] = [];
  const desk = new CertificateDesk({
    caFile,
    authorityKeyFile,
    lifeMs: 86_400_000,
    onIssued: ({ cluster }) => void issued.push(cluster),
    isRevoked: () => false,
    clock: { nowMs: () => Date.now(), monotonicMs: () => nowMs, wait: () => Promise.resolve() },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const { request } = makeCertificateRequest();
  const ask = (cluster: string) =>
    desk.renew(
      { cluster, fingerprint: '', serialNumber: '1', startsAtMs: 0, expiresAtMs: Date.now() + 60_000 },
      request,
    );
  const answers = await Promise.all(Array.from({ length: 10_000 }, () => ask('flood')));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  expect(await ask('other')).toMatchObject({ ok: true });
  nowMs = 1_000;
  expect([await ask('flood'), await ask('flood')]).toMatchObject([{ ok: true }, { ok: false, kind: 'busy' }]);
  expect(issued).toEqual([...Array.from({ length: 5 }, () => 'flood'), 'other', 'flood']);
});
