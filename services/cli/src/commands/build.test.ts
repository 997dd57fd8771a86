import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { runCommand } from '../testing/run.ts';

test('a path that is no kustomization is told for what it is', async () => {
  await using folder = await tempDir('cli-build');
  mkdirSync(join(folder.path, 'base'));
  writeFileSync(join(folder.path, 'base/map.yaml'), 'kind: ConfigMap\n');
  const told = async (path: string) => (await runCommand(['build', path], { cwd: folder.path })).stderr;
  expect(await told('base')).toMatch(/^error: base: base has no kustomization\.yaml\n {2}fix: add /);
  expect(await told('base/map.yaml')).toMatch(/^error: base\/map\.yaml: base\/map\.yaml is a file\n/);
  expect(await told('bse')).toMatch(/^error: bse: bse does not exist\n/);
});

test('the address of a kustomization elsewhere is refused with the way out', async () => {
  for (const address of ['https://git.example/a/b//config?ref=v1', 'git@git.example:a/b', 'github.com/a/b']) {
    const said = await runCommand(['build', address]);
    expect(said).toMatchObject({ code: 2, stdout: '' });
    expect(said.stderr).toContain('fix: clone its repository and build the directory');
  }
});
