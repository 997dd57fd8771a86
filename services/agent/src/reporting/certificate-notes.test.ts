import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from '@meridian/telemetry';
import { certificateAuthority } from '@meridian/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { silent } from '../testing/rig.ts';
import { createCertificateNotes } from './certificate-notes.ts';

const dayMs = 24 * 3_600_000;

it('the end of the certificate is told before and after it, once, and that a new one was put in its place', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'meridian-notes-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const certFile = join(dir, 'tls.crt');
  const authority = certificateAuthority('test');
  const startMs = Date.now();
  const files = { caFile: join(dir, 'ca.crt'), certFile, keyFile: join(dir, 'tls.key') };
  writeFileSync(files.caFile, authority.certificatePem);
  const put = (days: number) => {
    const pair = authority.issue({ commonName: 'one', usages: ['client'], validMs: days * dayMs });
    writeFileSync(certFile, pair.certificatePem);
    writeFileSync(files.keyFile, pair.keyPem);
  };
  let nowMs = startMs;
  const told: string[] = [];
  const registry = new Registry();
  const notes = createCertificateNotes({
    files,
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, wait: () => Promise.resolve() },
    log: silent,
    registry,
    tell: ({ level, type, message }) => void told.push(`${level} ${type}: ${message}`),
  });
  const after = (days: number) => {
    nowMs = startMs + days * dayMs;
    notes.look();
    notes.look();
    return told.splice(0);
  };
  put(30);
  expect(after(0)).toEqual([]);
  expect(await registry.metrics()).toMatch(/meridian_agent_link_certificate_remaining_seconds 259\d{4}/);
  expect(after(28)).toEqual([
    expect.stringMatching(
      /^warning certificate\.ending: the certificate of this agent for the link ends at .*Z/,
    ),
  ]);
  expect(after(40)).toEqual([
    expect.stringMatching(
      /^error certificate\.ended: .*not valid, and nothing is reported until it is: it ended at/,
    ),
  ]);
  rmSync(certFile);
  expect(after(41)).toEqual([
    expect.stringContaining(`error certificate.unreadable: ${certFile} cannot be read`),
  ]);
  put(90);
  expect(after(42)).toEqual([expect.stringContaining('info certificate.renewed: ')]);
  expect(after(-9)).toEqual([expect.stringMatching(/^error certificate\.early: .*check the clock/)]);
});
