import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { sourcesMark } from './compile-cache.ts';

test('an edited or added source makes the cache a new one, and nothing else does', async () => {
  await using root = await tempDir('sources');
  for (const folder of ['libs/a/src', 'libs/a/node_modules/b', 'services'])
    mkdirSync(join(root.path, folder), { recursive: true });
  const source = join(root.path, 'libs/a/src/a.ts');
  writeFileSync(source, '');
  const before = sourcesMark(root.path);
  writeFileSync(join(root.path, 'libs/a/README.md'), '');
  writeFileSync(join(root.path, 'libs/a/node_modules/b/b.ts'), '');
  expect(sourcesMark(root.path)).toBe(before);
  utimesSync(source, new Date(), new Date(Date.now() + 5_000));
  const edited = sourcesMark(root.path);
  writeFileSync(join(root.path, 'services/c.ts'), '');
  expect(new Set([before, edited, sourcesMark(root.path)]).size).toBe(3);
});
