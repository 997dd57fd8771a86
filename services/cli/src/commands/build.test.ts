import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

const objects = `apiVersion: apps/v1
kind: Deployment
metadata: { name: Web, namespace: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: m }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`;

async function folderOf(text: string) {
  const folder = await tempDir('cli-build-output');
  writeFileSync(join(folder.path, 'kustomization.yaml'), 'resources: [objects.yaml]\n');
  writeFileSync(join(folder.path, 'objects.yaml'), text);
  mkdirSync(join(folder.path, 'out'));
  const build = (...args: string[]) => runCommand(['build', ...args], { cwd: folder.path });
  const read = (name: string) => readFileSync(join(folder.path, name), 'utf8');
  const written = () => readdirSync(join(folder.path, 'out')).sort();
  const pathOf = (name: string) => join(folder.path, name);
  return { build, read, written, pathOf, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('what is built goes to a file as it would go to standard output, whatever the file is called', async () => {
  await using folder = await folderOf(objects);
  const { stdout } = await folder.build();
  expect(stdout).toContain('name: Web\n');
  for (const args of [
    ['.', '-o', 'all.yaml'],
    ['--output=json', '.'],
  ]) {
    expect(await folder.build(...args)).toEqual({ code: 0, stdout: '', stderr: '' });
  }
  expect(folder.read('all.yaml')).toBe(stdout);
  expect(folder.read('json')).toBe(stdout);
  for (const nowhere of ['-', '']) expect((await folder.build('.', '-o', nowhere)).stdout).toBe(stdout);
});

test('a directory gets a file for each object, named as kustomize names them', async () => {
  await using folder = await folderOf(objects);
  expect(await folder.build('-o', 'out')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(folder.written()).toEqual([
    'default_v1_configmap_m.yaml',
    'shop_apps_v1_deployment_web.yaml',
    'v1_namespace_shop.yaml',
  ]);
  expect(folder.read('out/v1_namespace_shop.yaml')).toBe(
    'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n',
  );
});

test('in one namespace the files have no namespace in their names', async () => {
  await using folder = await folderOf(objects.replace('{ name: m }', '{ name: m, namespace: shop }'));
  await folder.build('-o', 'out');
  expect(folder.written()).toEqual([
    'apps_v1_deployment_web.yaml',
    'v1_configmap_m.yaml',
    'v1_namespace_shop.yaml',
  ]);
});

test('names that lead out of the directory or are taken twice are refused, and nothing is written', async () => {
  for (const [name, says] of [
    ['../../m', 'cannot be the name of a file'],
    ['M', 'two objects would be written to the file v1_configmap_m.yaml'],
  ] as const) {
    await using folder = await folderOf(
      `${objects.replace(', namespace: shop', '')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: "${name}" }\n`,
    );
    const said = await folder.build('-o', 'out');
    expect(said).toMatchObject({ code: 1, stdout: '' });
    expect(said.stderr).toContain(says);
    expect(folder.written()).toEqual([]);
  }
});

test('a build that fails leaves the file as it was, and a file that cannot be written is told', async () => {
  await using folder = await folderOf('kind: ConfigMap\n');
  expect(await folder.build('-o', 'objects.yaml')).toMatchObject({ code: 1, stdout: '' });
  expect(folder.read('objects.yaml')).toBe('kind: ConfigMap\n');
  await using sound = await folderOf(objects);
  const said = await sound.build('-o', 'nowhere/all.yaml');
  expect(said).toMatchObject({ code: 1, stdout: '' });
  expect(said.stderr).toMatch(
    /^error: the objects cannot be written: ENOENT.*\n {2}fix: name a file in a directory/,
  );
});

test('with --explain the output is a format, as in other commands', async () => {
  await using folder = await folderOf(objects);
  const said = await folder.build('.', '-o', 'all.yaml', '--explain');
  expect(said).toMatchObject({ code: 2, stdout: '' });
  expect(said.stderr).toContain('Allowed choices are table, json, yaml.');
});

test('flags of kustomize that are for functions and for debugging change nothing', async () => {
  await using folder = await folderOf(objects);
  const flags = [
    '-e',
    'A=b',
    '--env',
    'C',
    '--mount',
    'type=bind',
    '--network',
    '--network-name',
    'n',
  ].concat(['--as-current-user', '--enable-exec', '--enable-alpha-plugins', '--helm-debug', '--stack-trace']);
  expect(await folder.build('.', ...flags)).toEqual(await folder.build('.'));
  expect((await folder.build('--help')).stdout).not.toContain('--mount <');
});

test('flags that are there or not take a value, as in kustomize, and the last word counts', async () => {
  await using folder = await folderOf(objects);
  const plain = await folder.build('.');
  const labelled = await folder.build('.', '--enable-managedby-label');
  expect(labelled.stdout).toContain('app.kubernetes.io/managed-by');
  const label = '--enable-managedby-label';
  for (const value of ['true', 'T', '1'])
    expect(await folder.build('.', `${label}=${value}`)).toEqual(labelled);
  for (const value of ['false', 'F', '0'])
    expect(await folder.build(`${label}=${value}`, '.')).toEqual(plain);
  expect(await folder.build('.', label, `${label}=false`)).toEqual(plain);
  expect(await folder.build('.', `${label}=false`, label)).toEqual(labelled);
  const all = ['--network=true', '--enable-exec=false', '--enable-alpha-plugins=0', '--stack-trace=TRUE'];
  expect(await folder.build('.', ...all)).toEqual(plain);
  const said = await folder.build('.', '--enable-helm=maybe');
  expect(said).toMatchObject({ code: 2, stdout: '' });
  expect(said.stderr).toBe(
    'error: --enable-helm is on or off, not "maybe"\n  fix: write --enable-helm, or --enable-helm=false\n',
  );
  expect((await folder.build('--enable-helm=true', '--', '--enable-helm=x')).stderr).toContain(
    '--enable-helm=x does not exist',
  );
});

test('a function that a kustomization asks for is refused with its place, whatever flags are given', async () => {
  await using folder = await folderOf(
    'apiVersion: example.com/v1\nkind: Maker\nmetadata:\n  name: m\n  annotations:\n    config.kubernetes.io/function: "exec: { path: ./make }"\n',
  );
  writeFileSync(folder.pathOf('kustomization.yaml'), 'generators: [objects.yaml]\n');
  const said = await folder.build('--enable-alpha-plugins', '--enable-exec');
  expect(said).toMatchObject({ code: 1, stdout: '' });
  expect(said.stderr).toMatch(
    /^error: objects\.yaml:1: .*Maker is no built-in plugin, and others are not run\n {2}fix: /,
  );
});

test('flags that would render charts otherwise than the repo says are refused with the way out', async () => {
  for (const [flag, field] of [
    ['--helm-kube-version', 'kubeVersion'],
    ['--helm-api-versions', 'apiVersions'],
  ] as const) {
    const said = await runCommand(['build', flag, 'v1']);
    expect(said).toMatchObject({ code: 2, stdout: '' });
    expect(said.stderr).toContain(`${flag} is not taken`);
    expect(said.stderr).toContain(field);
  }
});
