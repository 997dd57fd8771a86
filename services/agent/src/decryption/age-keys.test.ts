import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ageKeysIn, keysFor } from './age-keys.ts';

const key = (letter: string): string => `AGE-SECRET-KEY-1${letter.repeat(58)}`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'age-keys-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('all files of a mounted Secret are read, without what the kubelet keeps beside them', async () => {
  await mkdir(join(directory, '..data'));
  await writeFile(join(directory, 'a.agekey'), `# created: today\n# public key: age1x\n${key('A')}\n`);
  await writeFile(join(directory, 'b.agekey'), `${key('B')}\r\n\n${key('C')}`);
  const { identities } = await ageKeysIn(directory)();
  expect(identities).toEqual([key('A'), key('B'), key('C')]);
});

test('new keys are another version, the same keys are not', async () => {
  await writeFile(join(directory, 'a'), key('A'));
  const read = ageKeysIn(directory);
  const before = await read();
  expect(await read()).toEqual(before);
  await writeFile(join(directory, 'b'), key('B'));
  expect((await read()).version).not.toBe(before.version);
});

test('the keys of a file that is named for a namespace are for that one alone', async () => {
  await writeFile(join(directory, 'a.agekey'), key('A'));
  await writeFile(join(directory, 'namespace.ml-serving'), key('B'));
  const read = await ageKeysIn(directory)();
  expect(keysFor(read, 'ml-serving')).toEqual([key('A'), key('B')]);
  expect(keysFor(read, 'other')).toEqual([key('A')]);
  for (const name of ['namespace.', 'namespace.ML', 'namespace.ml.agekey']) {
    await writeFile(join(directory, name), key('C'));
    await expect(ageKeysIn(directory)()).rejects.toThrow('is no name of a namespace');
    await rm(join(directory, name));
  }
});

test('a hundred keys are tried for one namespace, however many namespaces have keys of their own', async () => {
  const lines = (count: number) => Array.from({ length: count }, () => key('A')).join('\n');
  for (let at = 0; at < 120; at += 1) await writeFile(join(directory, `namespace.team-${at}`), key('B'));
  await writeFile(join(directory, 'all'), lines(99));
  expect(keysFor(await ageKeysIn(directory)(), 'team-7')).toHaveLength(100);
  await writeFile(join(directory, 'namespace.team-7'), lines(2));
  await expect(ageKeysIn(directory)()).rejects.toThrow('there are 101 age keys for one namespace');
});

test('no directory is no key', async () => {
  expect((await ageKeysIn(undefined)()).identities).toEqual([]);
});

test('a line that is no key is named by its place and never quoted', async () => {
  await writeFile(join(directory, 'a.agekey'), `${key('A')}\nhunter2\n`);
  await expect(ageKeysIn(directory)()).rejects.toThrow(
    `${join(directory, 'a.agekey')}, line 2 is no age key: it does not start with AGE-SECRET-KEY-`,
  );
  await expect(ageKeysIn(directory)()).rejects.not.toThrow('hunter2');
});

test('a directory that is not there is a fault, not an agent without keys', async () => {
  await expect(ageKeysIn(join(directory, 'gone'))()).rejects.toThrow('the age keys cannot be read');
});
