import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { openTokenBook } from './tokens.ts';

const dir = mkdtempSync(join(tmpdir(), 'meridian-tokens-'));
afterAll(() => rmSync(dir, { recursive: true }));
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the tokens file', () => {
  const write = (text: string) => {
    const file = join(dir, `t-${Math.random()}`);
    writeFileSync(file, text);
    return file;
  };
  const log = { warn: () => undefined };

  it.each([
    ['', 'holds no token'],
    ['# nobody\n\n', 'holds no token'],
    ['alice\n', ':1: must be `name sha256hex [roles='],
    [`alice ${sha('x')}\nbob 1234\n`, ':2: must be `name sha256hex'],
    [`alice ${sha('x')}\n\nalice ${sha('y')}\n`, ':3: the name alice is in line 1 already'],
    [`alice ${sha('x')}\nbob ${sha('x').toUpperCase()}\n`, ':2: has the same token as line 1'],
    [`alice ${sha('x')} role=sre\n`, ':1: word 3 is neither roles=… nor identity=…'],
    [`alice ${sha('x')} identity=Jane Doe\n`, ':1: word 4 is neither'],
    [`alice ${sha('x')} roles=SRE\n`, ':1: a role in roles=… must be lower case'],
    [`alice ${sha('x')} roles=sre,\n`, ':1: a role in roles=… must be lower case'],
    [`alice ${sha('x')} identity=\n`, ':1: an identity in identity=… must have 1 to 200 characters'],
    [
      `alice ${sha('x')} roles=${Array.from({ length: 33 }, (_, at) => `r${at}`).join()}\n`,
      ':1: has more than',
    ],
  ])('%j is refused at start', (text, message) => {
    expect(() => openTokenBook(write(text), systemClock, log)).toThrow(message);
  });

  it('that is missing is refused at start, with its name', () => {
    expect(() => openTokenBook(join(dir, 'none'), systemClock, log)).toThrow(
      /MERIDIAN_API_TOKENS_FILE.*none/s,
    );
  });

  it('says who the person is in git, and what roles there are', () => {
    const file = write(
      `# people\nalice ${sha('one')} roles=sre,lead identity=alice@example.com roles=sre identity="Alice Doe, A. Doe"\n ci\t${sha('two')}\r\n`,
    );
    const book = openTokenBook(file, systemClock, log);
    expect(book.identify('Bearer one')).toEqual({
      name: 'alice',
      roles: ['sre', 'lead'],
      identities: ['alice@example.com', 'Alice Doe', 'A. Doe'],
    });
    expect(book.identify('Bearer two')).toEqual({ name: 'ci', roles: [], identities: [] });
  });

  it('never shows what may be a secret in a message', () => {
    const file = write(`alice s3cret\nbob ${sha('x')} s3cret\ncarol ${sha('y')} roles=S3CRET\n`);
    expect(() => openTokenBook(file, systemClock, log)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/s3cret/i) }),
    );
  });

  it('counts again soon after it changed; a broken change leaves the last tokens', () => {
    let nowMs = 0;
    const file = write(`alice ${sha('one')}\n`);
    const warned: string[] = [];
    const book = openTokenBook(
      file,
      { ...systemClock, monotonicMs: () => nowMs },
      { warn: (_fields, message) => void warned.push(message) },
    );
    expect(book.identify('Bearer one')?.name).toBe('alice');
    writeFileSync(file, `alice ${sha('the second')}\n# longer\n`);
    nowMs += 1_000;
    expect(book.identify('Bearer one')).toBeUndefined();
    expect(book.identify('bearer the')).toBeUndefined();
    writeFileSync(file, 'half a li');
    nowMs += 1_000;
    expect(book.identify('Bearer one')).toBeUndefined();
    expect(warned).toHaveLength(1);
  });
});
