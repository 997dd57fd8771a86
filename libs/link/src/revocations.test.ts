import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RevocationWatch, isRevokedIn, parseRevocations } from './revocations.ts';

const digits = 'AB'.repeat(32);
const identity = {
  cluster: 'one',
  fingerprint: 'AB:'.repeat(32).slice(0, -1),
  serialNumber: '0A1B',
  startsAtMs: 0,
  expiresAtMs: 1,
};
const isRevoked = (text: string) => isRevokedIn(parseRevocations(text, 'revoked'), identity);

describe('a list of revoked certificates', () => {
  it.each([
    `sha256 ${digits}`,
    `sha256 ${identity.fingerprint}`,
    `  SHA256   ${digits.toLowerCase()}  # stolen laptop`,
    'serial 0a1b',
    'serial 0A:1B',
    'serial 0x0a1b',
    `# none\n\nserial ff\r\nserial a1b\r\n`,
    'cluster one',
    'Cluster one before 1970-01-01T00:00:01Z',
    'cluster one before 1970-01-01T02:00:01+02:00 # the key was copied',
    'cluster one before 1969-01-01T00:00Z\ncluster one before 1971-01-01T00:00Z',
  ])('names a certificate by %j', (text) => {
    expect(isRevoked(text)).toBe(true);
  });

  it.each([
    '',
    '# serial 0a1b',
    'serial 0a1c',
    `sha256 ${'cd'.repeat(32)}`,
    'cluster two',
    'cluster one before 1970-01-01T00:00:00Z',
  ])('is not about it with %j', (text) => {
    expect(isRevoked(text)).toBe(false);
  });

  it.each([
    '0a1b',
    'serial',
    'serial 0',
    'serial xyz',
    `sha256 ${digits}00`,
    'sha256 0a1b',
    'cluster',
    'cluster ONE/x',
    'cluster one after 1970-01-01T00:00Z',
    'cluster one before yesterday',
    'cluster one before 1970-01-01T00:00',
    'cluster one before 1970-13-01T00:00Z',
  ])('is refused whole for the line %j, with its place', (line) => {
    expect(() => parseRevocations(`serial 1\n${line}\n`, 'revoked')).toThrow(/^revoked:2 is neither/);
  });

  it('follows its file, and stays as it was while that is broken or gone', () => {
    const dir = mkdtempSync(join(tmpdir(), 'meridian-revoked-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'revoked');
    const logged: string[] = [];
    const note = (_fields: object, message: string) => void logged.push(message);
    writeFileSync(file, '');
    const watch = new RevocationWatch(file, { info: note, warn: note, error: note });
    expect(watch.has(identity)).toBe(false);
    const after = (text: string | undefined) => {
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      watch.reread();
      watch.reread();
      return watch.has(identity);
    };
    expect(after('serial 0a1b\n')).toBe(true);
    expect(after('serial what\n')).toBe(true);
    expect(after(undefined)).toBe(true);
    expect(after('')).toBe(false);
    expect(logged).toEqual([
      'revoked certificates were read',
      'the revoked certificates cannot be read; the last ones stay',
      'the revoked certificates cannot be read; the last ones stay',
      'revoked certificates were read',
    ]);
    rmSync(file);
    expect(() => new RevocationWatch(file, { info: note, warn: note, error: note })).toThrow(file);
  });
});
