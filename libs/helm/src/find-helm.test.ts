import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findHelm } from './find-helm.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'meridian-find-helm-'));
  for (const folder of ['a', 'b', 'b/helm-3']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'a/helm'), '', { mode: 0o644 });
  writeFileSync(join(root, 'b/helm'), '', { mode: 0o755 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('takes the first program of the name on PATH, and no file that cannot be run', () => {
  const path = [join(root, 'a'), '', join(root, 'b')].join(':');
  expect(findHelm('helm', { cwd: root, path })).toBe(join(root, 'b/helm'));
  expect(findHelm('helm-3', { cwd: root, path })).toBeUndefined();
  expect(findHelm('helm', { cwd: root, path: undefined })).toBeUndefined();
});

it('takes a path as one from the working directory', () => {
  expect(findHelm('./helm', { cwd: join(root, 'b'), path: '' })).toBe(join(root, 'b/helm'));
  expect(findHelm('b/nothing', { cwd: root, path: '' })).toBeUndefined();
});
